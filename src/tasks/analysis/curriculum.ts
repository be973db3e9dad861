import type { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import type { Phase } from '../family.ts'
import { readAnswer } from './answer.ts'
import { featuresOf, type Features } from './features.ts'
import type { AnalysisSchema, Level } from './schema.ts'
import { mailsOf, userText } from './user-text.ts'

/** What makes an analysed batch hard; without a state where another part of its analysis alone was asked for. */
interface Weighed {
  features: Features
  state?: string | undefined
  /** How many values and open actions its analysis has. */
  values: number
  actions: number
  /** What could not be read of it. */
  gaps: number
}

export interface Learned extends Weighed {
  id: string
  state: string
}

export const levelNames = ['simple', 'moderate', 'hard'] as const
export type LevelName = (typeof levelNames)[number]

/**
 * How hard a batch is, in points: each mail and each ten words beyond the first, each value and action, each thing that could not be read,
 * and two where no word speaks for its state, or words speak for another as much.
 */
export function difficulty({ features, state, values, actions, gaps }: Weighed): number {
  const own = features[`indicator ${state}`] ?? 0
  const other = Math.max(0, ...Object.entries(features).filter(([name]) => name.startsWith('indicator ') && name !== `indicator ${state}`).map(([, count]) => count))
  const unclear = state !== undefined && (own === 0 || other >= own) ? 2 : 0
  return rounded(2 * ((features.mails ?? 1) - 1) + Math.max(0, ((features.words ?? 0) - 10) / 10) + values / 2 + actions + gaps + unclear)
}

/** As curriculum_config.json names the bounds of its levels. */
const rounded = (points: number) => Math.round(points * 10) / 10

/** The levels of the schema as phases of the training: each learns from all batches that have joined, the last one from every one. */
export const phasesOf = (schema: AnalysisSchema): Phase[] => schema.curriculum.map(({ name, to = Infinity, joins }: Level, i, { [i + 1]: next }) => ({
  name, title: `Curriculum: ${name}`, share: (next?.joins ?? 1) - joins, takes: (row) => to === Infinity || difficulty(asLearned(schema, row)) <= to,
  // The rate falls where the training ends.
  ...(next && { scratch: { training: { decay: 0 } }, downloaded: { training: { lr_scheduler_type: 'constant_with_warmup' } } }),
}))

function asLearned(schema: AnalysisSchema, { instruction, context, output }: Row): Weighed {
  const { state, entities = {}, actions = [] } = readAnswer(output).answer ?? {}
  return { features: featuresOf(schema, mailsOf(userText(schema, instruction, context))), state, values: Object.values(entities).flat().length, actions: actions.length, gaps: 0 }
}

export interface CurriculumLevel {
  name: LevelName
  batches: number
  /** Points of the easiest and the hardest in it. */
  from: number
  to: number
  /** Steps of the training (a share of all) at which these batches join; from there on all joined ones are trained on. */
  joins: number
  /** Batches alike, the largest groups first: same workflow, number of mails and entities. */
  groups: { pattern: string; batches: number; examples: string[] }[]
}

export interface Curriculum { levels: CurriculumLevel[]; of: Record<string, LevelName> }

const shares: Record<LevelName, number> = { simple: 0.4, moderate: 0.35, hard: 0.25 }
const joins: Record<LevelName, number> = { simple: 0, moderate: 0.2, hard: 0.45 }
const shownGroups = 20

/** What makes batches alike. */
export const patternOf = ({ features, state }: Pick<Learned, 'features' | 'state'>): string => {
  const types = Object.keys(features).filter((name) => /^entities [^+]+$/.test(name)).map((name) => name.slice('entities '.length)).sort()
  return `${state.split('/')[0]}, ${features.mails === 1 ? 'one mail' : `${features.mails ?? 0} mails`}, ${types.join(' + ') || 'no sure entity'}`
}

/**
 * Difficulty levels of analysed batches, the simple first, similar ones together. Equal difficulties are never on two levels.
 * @throws InputError where a level would stay empty
 */
export function planCurriculum(batches: readonly Learned[]): Curriculum {
  const hard = batches.map((batch) => ({ batch, points: difficulty(batch) })).sort((a, b) => a.points - b.points || (a.batch.id < b.batch.id ? -1 : 1))
  const bounds = levelNames.slice(0, -1).map((_, i) => hard[Math.ceil(hard.length * levelNames.slice(0, i + 1).reduce((sum, name) => sum + shares[name], 0)) - 1]?.points ?? 0)
  const nameOf = (points: number): LevelName => levelNames[bounds.findIndex((bound) => points <= bound)] ?? 'hard'
  const byLevel = Map.groupBy(hard, ({ points }) => nameOf(points))
  const empty = levelNames.filter((name) => !byLevel.get(name)?.length)
  if (empty.length) throw new InputError(`expected analysed batches for each level of the curriculum, found none for ${empty.join(' and ')} (${batches.length} analysed, ${new Set(hard.map(({ points }) => points)).size} different difficulties); give more and more different ones.`)
  return {
    levels: levelNames.map((name): CurriculumLevel => {
      const list = byLevel.get(name)!
      const groups = [...Map.groupBy(list, ({ batch }) => patternOf(batch))].map(([pattern, members]) => ({ pattern, batches: members.length, examples: members.slice(0, 3).map(({ batch }) => batch.id) }))
      return { name, batches: list.length, from: list[0]!.points, to: list.at(-1)!.points, joins: joins[name], groups: groups.sort((a, b) => b.batches - a.batches || (a.pattern < b.pattern ? -1 : 1)).slice(0, shownGroups) }
    }),
    of: Object.fromEntries(hard.map(({ batch, points }) => [batch.id, nameOf(points)])),
  }
}
