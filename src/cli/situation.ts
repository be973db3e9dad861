import { figures, waitsFor } from './follow.ts'
import type { RunState } from './run-state.ts'

/** What a person wants to know who comes back to a run. */
export interface Situation {
  happened: string
  safe: string
  next: string
}

const kept = 'finished stages, recorded answers and the newest checkpoint are kept'
const byItself = 'nothing; it goes on by itself'

/**
 * A run in three sentences: what happened, what is safe, what to do. Of several things the one that a person can do something about.
 * @param ended why a run that is over did not end well, and the command that goes on
 */
export function situation(run: RunState, name: string, ended?: { reason: string; command: string }): Situation {
  const stage = run.progress?.stages.find(({ state }) => state === 'running')
  const running = `running: ${[stage?.title ?? 'starting', figures(run.live[0])].filter(Boolean).join(' ')}`
  if (ended) return { happened: `last run: ${run.workflowId} ${run.status.toLowerCase()}: ${ended.reason}`, safe: kept, next: ended.command }
  if (run.progress?.waiting) return { happened: `waits for you: ${run.progress.waiting}`, safe: kept, next: `clitron resume ${name}` }
  if (run.progress?.paused) return { happened: 'paused', safe: kept, next: `clitron resume ${name}` }
  const unanswered = { pipeline: 'no worker answers', gpu: 'no GPU worker answers: for minutes none has asked for work, so none runs, or each is busy with another run' }
  if (run.noWorker) return { happened: `${running}; ${unanswered[run.noWorker]}`, safe: kept, next: `start one: clitron worker --role ${run.noWorker}` }
  if (run.retrying.length) return { happened: run.retrying.map(({ attempt, reason }) => `${running}; attempt ${attempt}, because: ${reason}`).join('\n  '), safe: kept, next: 'what the reason names, if anything; it goes on by itself' }
  return { happened: waitsFor(run.live) ?? running, safe: `${kept}; whatever is killed only delays it`, next: byItself }
}
