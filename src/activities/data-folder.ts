import { dataDir } from '../paths.ts'
import type { Plan } from '../plan.ts'

/** Where a run's data lie for people to read: a challenger's stand apart, and a further round's, for they may lose. */
export const dataFolder = ({ name, retrain, seed, round }: Pick<Plan, 'name' | 'retrain' | 'seed' | 'round'>, ...parts: string[]) => dataDir(name, ...(retrain ? [`retrain-${seed}`] : []), ...(round ? [`round-${round}`] : []), ...parts)
