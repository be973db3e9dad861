import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest of the files that run side by side, a minute or more each: begun last, one of them would run alone at the end. */
const longest = ['evaluation/pipeline.test.ts', 'kills.e2e.ts', 'families.test.ts', 'trainers.test.ts', 'train.test.ts']

/** Vitest's own order, by the time each file took before, or by its size where none has run yet; but what is known to be long comes first in its group. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (longest.findIndex((end) => moduleId.endsWith(end)) + longest.length + 1) % (longest.length + 1)
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || rank(a) - rank(b))
  }
}
