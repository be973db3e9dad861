import type { Row } from '../../dataset/row.ts'
import { normalise, quiet } from '../normalise.ts'
import { failedCommand, fieldsOf } from './context.ts'
import type { RecoverySchema } from './schema.ts'

/**
 * The user's turn: what was said, or what the failed command printed; under it that command, spelt as its correction will be, and what the
 * context tells. The one renderer of training, evaluation, serving and export.
 */
export function userText(schema: RecoverySchema, instruction: string, context: Row['context']): string {
  const failed = failedCommand(context)
  const known = fieldsOf(schema, context).map(([field, value]) => `${field.split('.')[1]}=${value}`)
  const said = quiet(normalise(instruction))
  return [said, ...(failed ? [`failed ${JSON.stringify(failed)}`] : []), ...(known.length ? [known.join(' ')] : [])].join('\n')
}

/** The system turn of chat bases. */
export const systemText = (schema: RecoverySchema): string => [
  `You are the ear of ${schema.name}. Answer with one line of JSON. A request becomes {"command":{"command_type","intent","parameters"}}; a failed command with its error message becomes {"recovery":{"error_type","root_cause","correction","recovery_steps"}}; a request that is ambiguous, incomplete or off-topic becomes {"type":"clarification","message","suggestions"}.`,
  `Commands: ${schema.commands.tools.map(({ name, parameters }) => `${name}(${parameters.map((each) => `${each.name}${each.required ? '' : '?'}`).join(', ')})`).join(', ')}.`,
].join('\n')
