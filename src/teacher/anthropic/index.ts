import { problemsOf } from '../../dataset/validate.ts'
import type { Row } from '../../dataset/row.ts'
import { GateError } from '../../errors.ts'
import type { Usage } from '../prices.ts'
import type { Teacher, WriteRequest, Written } from '../teacher.ts'
import type { Told } from './ask.ts'
import { buyEach } from './buy.ts'
import type { Endpoint } from './client.ts'
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
      const rows = new Map<string, Row>()
      let dollars = 0
      let rejected = 0

      /** Takes an answer over; what was cut off for its length comes back as two smaller groups. */
      const take = (group: Group, told: Told): Group[] => {
        dollars += told.dollars
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

      const say = (message: string) => onProgress({ done: rows.size, dollars, message })
      const usage = await buyEach(groupsOf(family, schema, briefs, endpoint, forcedBy), take, { endpoint, training, budget, signal, say })
      return { rows: briefs.map((brief) => rows.get(brief.key)!), dollars, usage }
    },
  }
}
