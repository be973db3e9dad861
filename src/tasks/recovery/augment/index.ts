import type { Row } from '../../../dataset/row.ts'
import type { Random } from '../../../teacher/random.ts'
import type { RecoverySchema, Simulation } from '../schema.ts'
import { contextModification } from './context-modification.ts'
import { historyModification, loadSimulation, preferenceAlteration, stateVariation } from './context-variations.ts'
import type { Simulate } from './failure.ts'
import { parameterCorruption } from './parameter-corruption.ts'
import { parameterSubstitution } from './parameter-substitution.ts'
import { resourceConstraints } from './resource-constraints.ts'
import { styleTransformation } from './style.ts'
import { synonymReplacement } from './synonyms.ts'
import { timingIssues } from './timing-issues.ts'
import { wordOrderShuffling } from './word-order.ts'

/** Another row from a row; undefined where this way changes nothing. Its answer is right for it. */
export type Augmentation = (schema: RecoverySchema, row: Row, r: Random) => Row | undefined

/** Other words for a command. */
export const commandVariations: Record<string, Augmentation> = {
  synonym_replacement: synonymReplacement,
  word_order_shuffling: wordOrderShuffling,
  parameter_substitution: parameterSubstitution,
  style_transformation: styleTransformation,
}

/** Ways in which a command is made to fail. */
export const errorSimulations: Record<Simulation, Simulate> = {
  parameter_corruption: parameterCorruption,
  context_modification: contextModification,
  resource_constraints: resourceConstraints,
  timing_issues: timingIssues,
}

/** Another context beside the same words. */
export const contextVariations: Record<string, Augmentation> = {
  state_variation: stateVariation,
  history_modification: historyModification,
  preference_alteration: preferenceAlteration,
  load_simulation: loadSimulation,
}
