import {
  ActivityFailure, ApplicationFailure, CancellationScope, condition, isCancellation, log, patched, setCurrentDetails, setHandler, upsertSearchAttributes,
} from '@temporalio/workflow'
import type { Plan } from '../plan.ts'
import type { StageOutput } from '../store/memo.ts'
import { scoreAttribute, stageAttribute, trainingAttribute } from '../temporal/names.ts'
import { budgetUpdate, pauseUpdate, planQuery, type Progress, progressQuery, resumeUpdate, type StageState } from './messages.ts'

/** A stage's answer: its outputs, and whether they were there already. */
export interface StageResult extends StageOutput {
  upToDate?: boolean
  seconds?: number
}

/**
 * One run as people see it: what each stage is doing, pause and resume, waiting for a person.
 * Holds no policy of its own; `train.ts` names the stages.
 */
export class Run {
  readonly progress: Progress
  plan: Plan | undefined
  budget: number | undefined
  /** Stops the stage at work for a pause. */
  #stop: (() => void) | undefined
  #announce: (waiting: string) => Promise<void>

  /** `announce` tells the person what the run waits for. */
  constructor(name: string, titles: Record<string, string>, announce: (waiting: string) => Promise<void>) {
    this.#announce = announce
    this.progress = { name, paused: false, dollars: 0, stages: Object.entries(titles).map(([stage, title]) => ({ stage, title, state: 'waiting' })) }
    setHandler(progressQuery, () => this.progress)
    setHandler(planQuery, () => this.plan)
    setHandler(pauseUpdate, () => this.#pause())
    setHandler(resumeUpdate, (options) => this.#resume(options?.budget))
    setHandler(budgetUpdate, (dollars) => this.#raise(dollars))
  }

  /** The plan is settled: its phases join the stages, the last of them as the stage "sft", and what only rounds do leaves them where there are none. */
  begin(plan: Plan): void {
    this.plan = plan
    const { stages } = this.progress
    const phases = plan.phases ?? []
    stages.splice(stages.findIndex(({ stage }) => stage === 'sft'), phases.length && 1, ...phases.map(({ name, title }, at) => ({ stage: at === phases.length - 1 ? 'sft' : name, title, state: 'waiting' as const })))
    if (plan.companion) this.add('eval', companionStages(plan.companion))
    if (!plan.rounds) stages.splice(stages.findIndex(({ stage }) => stage === 'improve'), 1)
  }

  /** A further round begins: what the one before did becomes one line, and its stages stand anew. */
  again(round: number): void {
    const { stages } = this.progress
    const from = stages.findIndex(({ stage }) => stage === 'generate')
    const to = stages.findIndex(({ stage }) => stage === 'improve') + 1
    const over = stages.slice(from, to)
    const line = { stage: `round ${round - 1}`, title: round === 1 ? 'First training' : `Round ${round - 1}`, state: over.every(({ state }) => state === 'up to date') ? 'up to date' as const : 'done' as const, seconds: over.reduce((sum, { seconds = 0 }) => sum + seconds, 0) }
    stages.splice(from, to - from, line, ...over.map(({ stage, title }) => ({ stage, title: `Round ${round}: ${title.replace(/^Round \d+: /, '')}`, state: 'waiting' as const })))
  }

  /** Stages that became known on the way. */
  add(before: string, stages: { stage: string; title: string }[]): void {
    const all = this.progress.stages
    all.splice(all.findIndex(({ stage }) => stage === before), 0, ...stages.map((each) => ({ ...each, state: 'waiting' as const })))
  }

  /** Runs one stage; a pause stops it at its checkpoint and runs it again afterwards, a need for a person waits for `resume`. */
  async stage<T extends object>(stage: string, work: () => Promise<T & StageResult>): Promise<T & StageResult> {
    this.#mark(stage, 'running')
    for (;;) {
      if (this.progress.paused) await this.#untilResumed()
      // A stage takes a while to stop; by then the run may go on already.
      let stopped = false
      try {
        const result = await CancellationScope.cancellable(() => {
          const scope = CancellationScope.current()
          this.#stop = () => {
            stopped = true
            scope.cancel()
          }
          return work()
        })
        this.#mark(stage, result.upToDate ? 'up to date' : 'done', result)
        return result
      } catch (error) {
        if (isCancellation(error) && stopped) continue
        const person = needsPerson(error)
        if (!person) {
          this.#mark(stage, 'failed')
          throw error
        }
        this.progress.waiting = person
        this.progress.paused = true
        log.warn(`waiting for a person: ${person}`)
        this.#describe()
        // A run that waited under a release without the announcement has none in its history.
        if (patched('waiting-is-announced')) await this.#announce(person)
      } finally {
        this.#stop = undefined
      }
    }
  }

  skip(...names: string[]): void {
    for (const name of names) this.#mark(name, 'skipped')
  }

  score(value: number): void {
    if (this.plan?.searchAttributes) upsertSearchAttributes([{ key: scoreAttribute, value }])
  }

  #mark(stage: string, state: StageState, result: StageResult = {}): void {
    const entry = this.progress.stages.find((candidate) => candidate.stage === stage)
    if (!entry) throw ApplicationFailure.nonRetryable(`Stage ${stage} has no title.`, 'TrainerError')
    entry.state = state
    if (result.seconds !== undefined) entry.seconds = result.seconds
    if (result.facts) entry.facts = result.facts
    if (this.plan?.searchAttributes) {
      upsertSearchAttributes([{ key: trainingAttribute, value: this.progress.name }, { key: stageAttribute, value: stage }])
    }
    this.#describe()
  }

  #describe(): void {
    const marks: Record<StageState, string> = { waiting: '·', running: '▶', done: '✔', 'up to date': '✔', skipped: '–', failed: '✘' }
    const lines = this.progress.stages.map(({ title, state, seconds, facts }) => {
      const figures = Object.entries(facts ?? {}).filter(([, value]) => ['number', 'string'].includes(typeof value)).map(([key, value]) => `${key} ${typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value}`)
      return `- ${marks[state]} **${title}** ${[state, ...(seconds ? [`${Math.round(seconds)} s`] : []), ...figures].join(', ')}`
    })
    const waiting = this.progress.waiting ? `\n\n**Waiting for you:** ${this.progress.waiting}\n\nGo on with \`clitron resume ${this.progress.name}\`.` : ''
    setCurrentDetails(`${lines.join('\n')}${waiting}`)
  }

  #pause(): string {
    this.progress.paused = true
    this.#stop?.()
    return `${this.progress.name} pauses; what is done stays done.`
  }

  #resume(budget?: number): string {
    if (budget !== undefined) this.#raise(budget)
    this.progress.paused = false
    delete this.progress.waiting
    this.#describe()
    return `${this.progress.name} goes on.`
  }

  #raise(dollars: number): string {
    if (!(dollars > 0)) throw ApplicationFailure.nonRetryable('The budget is a number of dollars above 0.', 'BadInput')
    this.budget = dollars
    return `${this.progress.name} may now spend ${dollars} dollars.`
  }

  async #untilResumed(): Promise<void> {
    this.#describe()
    await condition(() => !this.progress.paused)
  }
}

/** The stages of a second model, after its name. */
function companionStages({ name, title, phases }: NonNullable<Plan['companion']>): { stage: string; title: string }[] {
  const stages = [...phases.map((phase) => [phase.name, phase.title]), ['merge', 'merge adapter'], ['quantize', 'merge, convert, quantize']]
  return stages.map(([stage, what]) => ({ stage: `${name} ${stage}`, title: `${title}: ${what}` }))
}

function needsPerson(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error
  return cause instanceof ApplicationFailure && cause.type === 'NeedsPerson' ? cause.message : undefined
}
