import type { Brief, TaskFamily } from '../../tasks/family.ts'
import { examplesPerCall, maxTokens } from '../prices.ts'
import type { Endpoint } from './client.ts'
import { type PaidRequest, paidRequest } from './request.ts'

/** Briefs that are asked for in one call. */
export interface Group extends PaidRequest {
  briefs: Brief[]
  /** The run that asked for fresh answers; its key is no other run's. */
  forcedBy: string | undefined
}

export function groupsOf(family: TaskFamily, schema: unknown, briefs: Brief[], endpoint: Endpoint, forcedBy?: string): Group[] {
  const groups: Group[] = []
  for (let from = 0; from < briefs.length; from += examplesPerCall) groups.push(group(family, schema, briefs.slice(from, from + examplesPerCall), endpoint, forcedBy))
  return groups
}

export function halves(family: TaskFamily, schema: unknown, { briefs, forcedBy }: Group, endpoint: Endpoint): Group[] {
  const middle = Math.ceil(briefs.length / 2)
  return [group(family, schema, briefs.slice(0, middle), endpoint, forcedBy), group(family, schema, briefs.slice(middle), endpoint, forcedBy)]
}

function group(family: TaskFamily, schema: unknown, briefs: Brief[], endpoint: Endpoint, forcedBy?: string): Group {
  const identity = [briefs.map((brief) => brief.key), ...(forcedBy === undefined ? [] : [forcedBy])]
  return { briefs, forcedBy, ...paidRequest(family.teacherRequest(schema, briefs), maxTokens(briefs.length, endpoint.model), endpoint, identity) }
}
