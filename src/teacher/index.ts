import type { Plan } from '../plan.ts'
import { offline } from './offline.ts'
import type { Teacher } from './teacher.ts'

/** Imported rows were written already. */
const nobody: Teacher = { write: async () => ({ rows: [], dollars: 0 }) }

/** The teacher that a plan names. The paid one is loaded when it is asked for: nothing of it runs offline. */
export function teacher({ teacher: { kind, ...endpoint } }: Pick<Plan, 'teacher'>): Teacher {
  if (kind === 'offline') return offline
  if (kind === 'import') return nobody
  return {
    write: async (request) => {
      const [{ anthropic }, { withLedger }] = await Promise.all([import('./anthropic/index.ts'), import('./ledger.ts')])
      withLedger((ledger) => ledger.setBudget(request.training, request.budget))
      return anthropic(endpoint).write(request)
    },
  }
}
