import { champion } from '../../registry/registry.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { print, printJson, red, table } from '../print.ts'
import { readSchema, schemaNames } from '../schema.ts'

export async function schemas({ json }: { json?: boolean }): Promise<void> {
  const found = await Promise.all(schemaNames().map(async (name) => {
    try {
      const { family, schema } = await readSchema(name)
      const { title, counts } = family.describe(schema)
      return { name, kind: family.kind, title, counts, model: (await champion(new ArtifactStore(), name))?.version ?? null }
    } catch (error) {
      return { name, error: (error as Error).message }
    }
  }))
  if (json) return printJson(found)
  if (!found.length) return print('There is no schema in this folder. Begin one with `clitron init NAME`.')
  print(table(found.map((entry) => ('error' in entry ? [entry.name, red(String(entry.error).split('\n')[0]!)] : [entry.name, entry.kind, Object.entries(entry.counts).map(([what, count]) => `${count} ${what}`).join(', '), entry.model ? `version ${entry.model}` : 'not trained', entry.title]))))
}
