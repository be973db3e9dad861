import { clarificationMessages, suggestionLabel } from '../tools/completion.ts'
import { enter } from '../tools/pieces.ts'
import { askable } from '../tools/schema.ts'
import type { RecoverySchema } from './schema.ts'

/**
 * Strings of completions that become single tokens: the way to the parameters of a command, of a correction and of a step, each cause with its
 * error type, each step without parameters, each clarification. As for tools, the quote that ends a value and the comma are pieces of their
 * own, and no piece begins with `","`.
 */
export function pieces({ commands, steps, causes }: RecoverySchema): string[] {
  const behind = '}},"recovery_steps":['
  const found = new Set(['"', ',', '}}', '}}}', ']}', ']}}', behind, 'null,"recovery_steps":['])
  for (const tool of commands.tools) {
    for (const intent of tool.intents) found.add(`{"command":{"command_type":${JSON.stringify(tool.name)},"intent":${JSON.stringify(intent)},"parameters":{`)
    found.add(`{"command_type":${JSON.stringify(tool.name)},"parameters":{`)
    found.add(JSON.stringify({ label: suggestionLabel(tool), command: tool.name }))
    for (const after of ['}}}', behind]) enter(tool.parameters, after, found)
  }
  for (const { error_type, root_cause } of causes) found.add(`${JSON.stringify({ recovery: { error_type, root_cause } }).slice(0, -2)},"correction":`)
  for (const tool of steps.tools) {
    const open = `{"step":${JSON.stringify(tool.name)}`
    if (askable(tool).length === 0) for (const end of ['}', '}]}}']) found.add(open + end)
    if (tool.parameters.length > 0) found.add(`${open},"parameters":{`)
    enter(tool.parameters, '}}', found)
  }
  for (const message of clarificationMessages(commands)) found.add(`${JSON.stringify({ type: 'clarification', message }).slice(0, -1)},"suggestions":[`)
  return [...found]
}
