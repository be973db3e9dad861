import { setMaxListeners } from 'node:events'
import { problemsOf } from '../../dataset/validate.ts'
import type { Row } from '../../dataset/row.ts'
import { GateError } from '../../errors.ts'
import { Ledger } from '../ledger.ts'
import type { Usage } from '../prices.ts'
import type { Teacher, WriteRequest, Written } from '../teacher.ts'
import { ask, type Session, type Told } from './ask.ts'
import { askBatch, collectSent } from './batches.ts'
import { connect, type Endpoint } from './client.ts'
import { type Group, groupsOf, halves } from './group.ts'
import { rowsOf } from './read.ts'

/** A teacher that is wrong more often than this is not worth its money … */
const mostRejected = 0.5
/** … once so many of its examples were looked at. */
const enoughToJudge = 60

export interface PaidTeacher extends Teacher {
  /** `usage` is what the answers took, whenever they were bought. */
  write(request: WriteRequest): Promise<Written & { usage: Usage }>
}

/** Examples written by a model behind the Messages API, paid for once each. */
export function anthropic(endpoint: Endpoint): PaidTeacher {
  return {
    async write({ training, family, schema, briefs, budget, forcedBy, signal, onProgress }) {
      const client = connect(endpoint)
      const ledger = new Ledger()
      const stop = new AbortController()
      const waiting = AbortSignal.any([signal, stop.signal])
      // Every call in flight listens.
      setMaxListeners(0, signal, stop.signal, waiting)
      const rows = new Map<string, Row>()
      const keys: string[] = []
      let dollars = 0
      let rejected = 0
      const session: Session = { client, endpoint, ledger, training, budget, signal, waiting, say: (message) => onProgress({ done: rows.size, dollars, message }) }

      /** Takes an answer over; what was cut off for its length comes back as two smaller groups. */
      const take = (group: Group, told: Told): Group[] => {
        dollars += told.dollars
        keys.push(group.key)
        if (told.answer.stop === 'max_tokens' && group.briefs.length > 1) return halves(family, schema, group, endpoint)
        let reason = ''
        for (const row of rowsOf(family, schema, group.briefs, told.answer)) {
          rows.set(row.id!, row)
          const problem = problemsOf(family, schema, row)[0]
          if (problem) rejected += 1
          reason ||= problem?.message ?? ''
        }
        onProgress({ done: rows.size, dollars, message: `${endpoint.model} writes` })
        if (rows.size >= enoughToJudge && rejected > mostRejected * rows.size) {
          throw new GateError(`Of ${rows.size} examples by ${endpoint.model}, ${rejected} cannot be trained on (last reason: ${reason}), so no more are bought; see them with \`clitron pilot ${training} --teacher anthropic\`, and choose another --model.`)
        }
        return []
      }
      const single = async (group: Group): Promise<void> => {
        try {
          for (const half of take(group, await ask(group, session))) await single(half)
        } catch (error) {
          stop.abort(error)
          throw error
        }
      }

      try {
        let groups = groupsOf(family, schema, briefs, endpoint, forcedBy)
        if (endpoint.batch) {
          while (groups.length) {
            const told = await askBatch(groups, session)
            groups = groups.flatMap((group) => take(group, told.get(group.key)!))
          }
        } else {
          // Of a run with --batch that was cancelled, perhaps.
          await collectSent(groups, new Map(), session)
          // Calls in flight are paid for whatever happens beside them: all end and are recorded before a failure is told.
          await Promise.allSettled(groups.map(single))
          if (stop.signal.aborted) throw stop.signal.reason
        }
        return { rows: briefs.map((brief) => rows.get(brief.key)!), dollars, usage: ledger.usageOf(keys) }
      } finally {
        ledger.close()
      }
    },
  }
}
