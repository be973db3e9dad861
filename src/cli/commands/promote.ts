import { InputError } from '../../errors.ts'
import type { Section } from '../../evaluation/evaluate.ts'
import { chosenVersion, readRegistry, setChampion } from '../../registry/registry.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { layOutChampion } from '../bring-back.ts'
import { percent, print, printJson } from '../print.ts'
import { checkKnown } from '../schema.ts'

/** Makes another version the champion, an earlier one for instance. The next train of a person, or a challenger that is not worse, takes its place as ever. */
export async function promote(name: string, { modelVersion, json }: { modelVersion: number; json?: boolean }): Promise<void> {
  await checkKnown(name)
  const store = new ArtifactStore()
  const wanted = chosenVersion(await readRegistry(store, name), modelVersion)
  for (const tree of [wanted.report, wanted.sft, wanted.dpo, wanted.dataset]) {
    if (!(await store.has(tree, true))) throw new InputError(`Version ${wanted.version} of ${name} is no longer whole in ${store.root}, so the champion stays. \`clitron runs ${name}\` shows the others; to make it again, train with its settings.`)
  }
  const before = await setChampion(store, name, wanted.version)
  await layOutChampion(store, name)
  if (json) return printJson({ name, champion: wanted.version, before: before ?? null })
  const { equivalent } = (wanted.scores.golden ?? wanted.scores.test ?? {}) as Partial<Section>
  print(`Version ${wanted.version} of ${name}${equivalent === undefined ? '' : `, ${percent(equivalent)} right`}, answers now.${before === undefined || before === wanted.version ? '' : ` Back to version ${before}: \`clitron promote ${name} --model-version ${before}\``}`)
}
