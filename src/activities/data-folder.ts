import { dataDir } from '../paths.ts'
import type { Plan } from '../plan.ts'

/** Where a run's data lie for people to read: a challenger's stand apart, for it may lose. */
export const dataFolder = ({ name, retrain, seed }: Pick<Plan, 'name' | 'retrain' | 'seed'>, ...parts: string[]) => dataDir(name, ...(retrain ? [`retrain-${seed}`] : []), ...parts)
