import { longest } from './checks.ts'
import type { Action, Parameter, WorkflowSchema } from './schema.ts'

/** What is told about the language: a text, and the questions that it answers. */
export interface Told {
  /** "rule 3", or an action's name. */
  about: string
  text: string
  /** As the phrases of the schema; `{action}` is the action's name. */
  questions: readonly string[]
}

const cached = new WeakMap<WorkflowSchema, Told[]>()

/** The rules, and what each action is for, takes and requires: all that a question about the language is answered with. */
export function toldOf(schema: WorkflowSchema): readonly Told[] {
  let told = cached.get(schema)
  if (!told) cached.set(schema, (told = [...schema.rules.map(({ number, text, questions }) => ({ about: `rule ${number}`, text, questions })), ...schema.actions.flatMap(ofAction)]))
  return told
}

export const toldAbout = (schema: WorkflowSchema, about: string): Told[] => toldOf(schema).filter((told) => told.about === about)

/** A text that no answer can hold is not told. */
function ofAction(action: Action): Told[] {
  const { name, description, parameters } = action
  const required = parameters.filter((parameter) => parameter.required)
  const texts = [
    ...(description === undefined ? [] : [{ text: `${name}: ${description.replace(/\.?$/, '.')}`, questions: forPurpose }]),
    { text: parameters.length ? `${name} takes ${listed(parameters.map(described))}.` : `${name} takes no parameters.`, questions: forParameters },
    { text: required.length ? `${name} requires ${listed(required.map(quoted))}.` : `${name} requires no parameter.`, questions: forRequired },
  ]
  return texts.filter(({ text }) => text.length <= longest.text).map((each) => ({ about: name, ...each }))
}

const quoted = ({ name }: Pick<Parameter, 'name'>): string => `'${name}'`
const listed = (items: readonly string[]): string => (items.length > 1 ? `${items.slice(0, -1).join(', ')} and ${items.at(-1)}` : items[0]!)

function described({ name, type, values, required, default: usual }: Parameter): string {
  const what = values ? values.map((value) => `'${value}'`).join(' | ') : type
  return `${quoted({ name })} (${what}, ${required ? 'required' : usual === undefined ? 'optional' : `default ${usual}`})`
}

const forPurpose = [
  'what [does|will] [the action |a step with |the step |]{action} do[ to the table| in a workflow|]',
  'what is [the action |the step |]{action} [for|good for|meant for|there for]',
  '[explain|describe] [the action|the step] {action}',
  '[when|why] [do|would|should] [i|we|you] [use|need|write] [the action |a step with |]{action}',
  "[what's|what is] the [purpose|point|use|meaning] of [the action |a step with |]{action}",
]
const forParameters = [
  '[what|which parameters|what parameters] does [the action |the step |a step with |]{action} take',
  '[what|which] parameters does [the action |the step |]{action} [have|accept|know]',
  '[list|name|show me|tell me] [the |all |all the ]parameters of [the action |the step |]{action}',
  '[what|which] are the parameters of [the action |]{action}',
  '[what|which parameters] can [i|we|you] [give to|set for|pass to|choose for] [the action |a step with |]{action}',
]
const forRequired = [
  '[which|what] parameters of [the action |the step |]{action} are [required|mandatory|needed|obligatory|not optional]',
  'what does [the action |the step |a step with |]{action} [need|require][ at least|]',
  '[what|which parameters] must [i|we|you] [give to|set for|name for|say for] [the action |a step with |]{action}',
  '[what|which parameter] [may not|must not|cannot|can not] be [left out|missing] [for|with|from|in a step with] {action}',
  '[required|mandatory] parameters of [the action |]{action}',
]
