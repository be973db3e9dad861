import { z } from 'zod'
import { InputError } from '../../errors.ts'
import type { Json } from '../tools/json.ts'

/** A record of one of the two datasets of the document. */
type Record_ = Record<string, unknown>

const Command = z.object({ type: z.string(), params: z.record(z.string(), z.json()).default({}) })
type Command = z.output<typeof Command>
const Steps = z.array(z.union([z.string(), z.object({ step: z.string(), parameters: z.record(z.string(), z.json()).optional() })]))

const asCommand = ({ type, params }: Command): { command_type: string; parameters: Record<string, Json> } => ({ command_type: type, parameters: params })

/** From these on, in percent of the processors, a system is busy; up to those it is idle. */
const busy = { from: 85, idle: 30 }
const level = (percent: number) => (percent >= busy.from ? 'high' : percent <= busy.idle ? 'low' : 'normal')

interface Source {
  /** Keys by which its lines are known. */
  keys: readonly string[]
  /** A line as a record of the document's. @throws InputError where it is nothing to learn from */
  read(line: unknown): Record_
}

function define<T extends z.ZodRawShape>(keys: readonly string[], shape: T, toRecord: (line: z.output<z.ZodObject<T>>) => Record_): Source {
  return {
    keys,
    read(line) {
      const { success, data, error } = z.object(shape).safeParse(line)
      if (!success) throw new InputError(`${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}.`)
      return toRecord(data)
    },
  }
}

/** What a system writes of itself and people say of it, by the document's names: its lines become records of the two datasets. */
export const sources: Record<string, Source> = {
  /** What was typed, and what was made of it. */
  command_logs: define(['logged_at', 'input', 'resolved'], { logged_at: z.string(), input: z.string(), resolved: Command, status: z.enum(['ok', 'failed']), duration_ms: z.number(), state: z.record(z.string(), z.json()).optional() },
    ({ input, resolved, status, duration_ms, state }) => ({ raw_input: input, ...asCommand(resolved), context: state ? { state } : {}, success: status === 'ok', execution_time: duration_ms / 1000 })),
  /** What somebody found out about an error. */
  error_reports: define(['report', 'command', 'message'], { report: z.string(), command: Command, message: z.string(), type: z.string(), diagnosis: z.string(), fix: Command.nullable(), actions: Steps },
    ({ command, message, type, diagnosis, fix, actions }) => ({ failed_command: asCommand(command), error_message: message, error_type: type, root_cause: diagnosis, correction: fix && asCommand(fix), recovery_steps: actions, success_indicator: true })),
  /** Thumbs up or down, with what it should have been. */
  feedback_responses: define(['input', 'answered', 'rating'], { input: z.string(), answered: Command, rating: z.enum(['up', 'down']), should_be: Command.optional() },
    ({ input, answered, rating, should_be }) => {
      if (rating === 'down' && !should_be) throw new InputError('expected "should_be" where the rating is "down", found none; nobody knows what is right.')
      return { raw_input: input, ...asCommand(should_be ?? answered), context: {}, success: rating === 'up' }
    }),
  /** What people change when a command fails. */
  correction_patterns: define(['wrong', 'right', 'error'], { wrong: Command, right: Command, error: z.string(), cause: z.string(), steps: Steps },
    ({ wrong, right, error, cause, steps }) => ({ failed_command: asCommand(wrong), error_message: error, root_cause: cause, correction: asCommand(right), recovery_steps: steps, success_indicator: true })),
  /** The way of one request through the system; of a failed one the recovery that ended well. */
  execution_traces: define(['trace', 'spans'], { trace: z.string(), input: z.string(), spans: z.array(z.object({ name: z.enum(['execute', 'recover']), command: Command.optional(), status: z.enum(['ok', 'failed']), error: z.string().optional(), cause: z.string().optional(), steps: Steps.optional(), seconds: z.number().default(0) })).min(1) },
    ({ input, spans }) => {
      const [first] = spans
      const last = spans.at(-1)!
      if (!first?.command || last.status !== 'ok') throw new InputError('expected a trace that begins with a command and ends well, found another; what did not help is nothing to learn.')
      if (first.status === 'ok') return { raw_input: input, ...asCommand(first.command), context: {}, success: true, execution_time: first.seconds }
      const recover = spans.find(({ name }) => name === 'recover')
      return { failed_command: asCommand(first.command), error_message: first.error, root_cause: recover?.cause, correction: last.command && asCommand(last.command), recovery_steps: recover?.steps, success_indicator: true }
    }),
  /** How busy the system was when a command failed. */
  resource_metrics: define(['cpu_percent', 'memory_mb', 'failed'], { cpu_percent: z.number(), memory_mb: z.number(), failed: Command, message: z.string(), cause: z.string(), fix: Command.nullable(), steps: Steps },
    ({ cpu_percent, failed, message, cause, fix, steps }) => ({ failed_command: asCommand(failed), error_message: message, root_cause: cause, correction: fix && asCommand(fix), recovery_steps: steps, context: { load: { level: level(cpu_percent) } }, success_indicator: true })),
  /** How long a command took, beside what it usually takes. */
  performance_data: define(['input', 'command', 'latency_ms'], { input: z.string(), command: Command, latency_ms: z.number(), p50_ms: z.number(), p95_ms: z.number() },
    ({ input, command, latency_ms, p50_ms, p95_ms }) => ({ raw_input: input, ...asCommand(command), context: { load: { level: latency_ms > p95_ms ? 'high' : latency_ms < p50_ms ? 'low' : 'normal' } }, success: true, execution_time: latency_ms / 1000 })),
  /** The state in which a command failed, and how often it was tried. */
  error_states: define(['state', 'failed', 'attempts'], { state: z.record(z.string(), z.json()), failed: Command, error: z.string(), cause: z.string(), attempts: z.int(), fix: Command.nullable(), steps: Steps },
    ({ state, failed, error, cause, attempts, fix, steps }) => ({ failed_command: asCommand(failed), error_message: error, root_cause: cause, correction: fix && asCommand(fix), recovery_steps: steps, context: { state, history: { attempts } }, success_indicator: true })),
}

/** A line of one of the sources as a record of the document's; any other record as it is. @throws InputError */
export function fromSource(record: Record_): Record_ {
  for (const [name, { keys, read }] of Object.entries(sources)) {
    if (!keys.every((key) => key in record)) continue
    try {
      return read(record)
    } catch (error) {
      if (error instanceof InputError) throw new InputError(`expected a line of ${name.replaceAll('_', ' ')}: ${error.message}`)
      throw error
    }
  }
  return record
}
