import { readRegistry } from '../../registry/registry.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { checkKnown } from '../schema.ts'
import { percent, print, printJson, table } from '../print.ts'

export async function runs(name: string, { json }: { json?: boolean }): Promise<void> {
  await checkKnown(name)
  const { versions, champion } = await readRegistry(new ArtifactStore(), name)
  if (json) return printJson(versions.map((version) => ({ ...version, champion: version.version === champion })))
  if (!versions.length) return print(`${name} was never trained here: \`clitron train ${name}\`.`)
  const rate = (scores: Record<string, unknown>, set: string) => {
    const value = (scores[set] as { equivalent?: number } | undefined)?.equivalent
    return value === undefined ? '-' : percent(value)
  }
  print(table([
    ['version', 'made', 'base', 'quant', 'seed', 'test', 'golden', 'data', 'verdict'],
    ...versions.map((version) => [`${version.version}${version.version === champion ? ' *' : ''}`, version.created.slice(0, 16).replace('T', ' '), version.base, version.quant, String(version.seed), rate(version.scores, 'test'), rate(version.scores, 'golden'), version.dataset.sha256.slice(0, 8), version.verdict]),
  ]))
  print('\n* the champion, which `clitron ask` uses')
}
