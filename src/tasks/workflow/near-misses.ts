import type { Row } from '../../dataset/row.ts'
import { shuffle } from '../shuffle.ts'
import { checkedAnswer, repliesOf } from './completion.ts'
import { canonical, readAnswer, walk, written, type Answer, type Step, type Workflow } from './document.ts'
import { findAction, findParameter, type Parameter, type WorkflowSchema } from './schema.ts'
import { equivalent } from './score.ts'
import { valuesIn } from './values.ts'

const most = 8
/** So many are tried: each is executed beside the right answer. */
const tried = 24

/** Wrong answers that look right, as completions: a step, an action, a parameter, an operator or a value off. All are allowed, none executes the same; `salt` picks which. */
export function nearMisses(schema: WorkflowSchema, row: Row, salt: number): string[] {
  const right = [row.output, ...(row.accepted ?? [])].flatMap((output) => readAnswer(output).answer ?? [])
  const truth = right[0]
  if (!truth || checkedAnswer(schema, row.output).problems.length) return []
  const candidates = truth.workflow ? besideWorkflow(schema, canonical(schema, truth).workflow!, row.instruction) : besideWords(schema, truth.response)
  const misses = new Set<string>()
  for (const answer of shuffle(candidates, salt).slice(0, tried)) {
    if (checkedAnswer(schema, written(answer)).problems.length || right.some((each) => equivalent(schema, each, answer))) continue
    misses.add(written(canonical(schema, answer)))
    if (misses.size === most) break
  }
  return [...misses]
}

function besideWords(schema: WorkflowSchema, response: string): Answer[] {
  return repliesOf(schema).filter(({ text }) => text !== response).map(({ text }) => ({ response: text }))
}

function besideWorkflow(schema: WorkflowSchema, workflow: Workflow, instruction: string): Answer[] {
  const found: Answer[] = [...Object.values(schema.replies).map(({ text }) => ({ response: text }))]
  const columns = [...new Set(valuesIn(schema, workflow).flatMap(({ value, kind }) => (kind === 'column' ? [String(value)] : [])))]
  const words = (instruction.match(/[A-Za-z_]\w{2,}/g) ?? []).slice(-12)
  const steps = [...walk(workflow.steps)].map(({ step }) => step)
  const changed = (at: number, change: (step: Step) => void) => {
    const copy = structuredClone(workflow)
    change([...walk(copy.steps)][at]!.step)
    found.push({ workflow: copy })
  }
  steps.forEach((step, at) => {
    const action = findAction(schema, step.action)!
    for (const other of schema.actions) {
      if (other !== action && sameParameters(action.parameters, other.parameters)) changed(at, (each) => { each.action = other.name })
    }
    for (const [name, value] of Object.entries(step.parameters)) {
      const parameter = findParameter(action, name)!
      if (!parameter.required) changed(at, (each) => { delete each.parameters[name] })
      for (const other of otherValues(parameter, value, columns, words)) changed(at, (each) => { each.parameters[name] = other })
    }
    if (step.conditions) changed(at, (each) => { delete each.conditions })
    for (const { name, values = [], default: usual } of action.parameters) {
      if (!Object.hasOwn(step.parameters, name)) for (const value of values.filter((value) => value !== usual)) changed(at, (each) => { each.parameters[name] = value })
    }
  })
  workflow.steps.forEach((_, at) => {
    if (workflow.steps.length > 1) found.push({ workflow: { ...workflow, steps: workflow.steps.toSpliced(at, 1) } })
    if (at > 0) found.push({ workflow: { ...workflow, steps: workflow.steps.toSpliced(at - 1, 2, workflow.steps[at]!, workflow.steps[at - 1]!) } })
  })
  return found
}

const sameParameters = (a: readonly Parameter[], b: readonly Parameter[]) => a.length === b.length && a.every(({ name, type }, i) => name === b[i]!.name && type === b[i]!.type)

const opposites: [RegExp, string][] = [[/ == /, ' != '], [/ != /, ' == '], [/ > /, ' >= '], [/ >= /, ' > '], [/ < /, ' <= '], [/ <= /, ' < '], [/ and /, ' or '], [/ > /, ' < '], [/ < /, ' > '], [/ \* /, ' / '], [/ - /, ' + ']]

function otherValues({ type, values, default: usual }: Parameter, value: unknown, columns: string[], words: string[]): unknown[] {
  if (type === 'enum') return values!.filter((other) => other !== value && other !== usual)
  if (typeof value === 'number') return [value + 1, value * 10, Math.trunc(value / 10)].filter((other) => other > 0 && other !== value)
  if (type === 'condition' || type === 'expression') return [...opposites.flatMap(([found, other]) => (found.test(String(value)) ? [String(value).replace(found, other)] : [])), ...columns.flatMap((column) => String(value).replace(/^[A-Za-z_]\w*(?= )/, column))].filter((other) => other !== value)
  if (type === 'column') return [...columns, ...words].filter((other) => other !== value)
  if (type === 'columns') return [value].flat().length > 1 ? (value as string[]).map((_, i) => (value as string[]).toSpliced(i, 1)) : [...columns, ...words].filter((other) => other !== [value].flat()[0]).map((other) => [other])
  if (typeof value === 'string' && type !== 'steps') return [value.slice(0, -1), value.slice(1), ...words].filter((other) => other !== '' && other !== value)
  return []
}
