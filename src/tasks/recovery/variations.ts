import type { Way } from '../augment/section.ts'
import type { Variations } from '../augment/variation.ts'
import { commandVariations, contextVariations, type Augmentation } from './augment/index.ts'
import type { RecoverySchema } from './schema.ts'

const of = (way: Way, variations: Record<string, Augmentation>): Variations<RecoverySchema> => Object.fromEntries(Object.entries(variations).map(([name, vary]) => [name, { way, vary }]))

const { parameter_substitution, ...wordings } = commandVariations

/** The document's augmentations: those of commands, and those of the context, which errors have too. */
export const variations: Variations<RecoverySchema> = { ...of('phrasing', wordings), ...of('values', { parameter_substitution: parameter_substitution! }), ...of('metadata', contextVariations) }
