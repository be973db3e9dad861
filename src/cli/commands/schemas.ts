import { champion } from '../../registry/registry.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { explain } from '../explain.ts'
import { print, printJson, red, table } from '../print.ts'
import { readSchema, schemaNames } from '../schema.ts'

export async function schemas({ json }: { json?: boolean }): Promise<void> {
  const found = await Promise.all(schemaNames().map(async (name): Promise<{ name: string; kind: string; title: string; counts: Record<string, number>; model: number | null } | { name: string; error: string }> => {
    try {
      const { family, schema } = await readSchema(name)
      const { title, counts } = family.describe(schema)
      return { name, kind: family.kind, title, counts, model: (await champion(new ArtifactStore(), name))?.version ?? null }
    } catch (error) {
      return { name, error: explain(error).message }
    }
  }))
  if (json) return printJson(found)
  if (!found.length) return print('There is no schema in this folder. Begin one with `clitron init NAME`.')
  const lines = found.flatMap((entry) => ('counts' in entry ? [[entry.name, entry.kind, Object.entries(entry.counts).map(([what, count]) => `${count} ${what}`).join(', '), entry.model ? `version ${entry.model}` : 'not trained', entry.title]] : []))
  if (lines.length) print(table(lines))
  // A sentence would stretch its column.
  for (const entry of found) if ('error' in entry) print(red(entry.error.split('\n')[0]!))
}
