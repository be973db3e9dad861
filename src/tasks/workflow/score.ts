import type { Row } from '../../dataset/row.ts'
import type { Score } from '../family.ts'
import { bleu, rougeL } from '../text-metrics.ts'
import { brokenRules } from './checks.ts'
import { sameWords } from './completion.ts'
import { canonical, readAnswer, walk, written, type Answer, type Step, type Workflow } from './document.ts'
import { executesTheSame, whyNotExecutable } from './dry-run.ts'
import type { WorkflowSchema } from './schema.ts'

/** The ladder valid (its shape) → allowed (every rule, and it runs) → equivalent (the same document, or it executes the same), and the name of the first error. */
export function score(schema: WorkflowSchema, predicted: string, row: Row): Score {
  const { answer, problems } = readAnswer(predicted)
  if (!answer) return { valid: false, allowed: false, equivalent: false, error: problems[0]!.rule === 'json' ? 'not JSON' : 'not a workflow' }
  const broken = answer.workflow ? brokenRules(schema, answer.workflow) : []
  if (broken.length > 0) return { valid: true, allowed: false, equivalent: false, error: `breaks rule ${broken[0]!.rule.number}` }
  if (answer.workflow && whyNotExecutable(schema, answer.workflow) !== undefined) return { valid: true, allowed: false, equivalent: false, error: 'cannot be executed' }
  const right = [row.output, ...(row.accepted ?? [])].flatMap((output) => readAnswer(output).answer ?? [])
  if (right.some((truth) => equivalent(schema, answer, truth))) return { valid: true, allowed: true, equivalent: true }
  return { valid: true, allowed: true, equivalent: false, error: right[0] ? errorName(schema, answer, right[0]) : 'not JSON' }
}

/** The same document, or one that executes the same; of words, the same words. */
export function equivalent(schema: WorkflowSchema, one: Answer, other: Answer): boolean {
  if (!one.workflow || !other.workflow) return one.response !== undefined && other.response !== undefined && sameWords(one.response, other.response)
  return structurallyEqual(schema, one, other) || executesTheSame(schema, one.workflow, other.workflow)
}

const structurallyEqual = (schema: WorkflowSchema, one: Answer, other: Answer): boolean => written(canonical(schema, one)) === written(canonical(schema, other))

function errorName(schema: WorkflowSchema, answer: Answer, truth: Answer): string {
  if (!truth.workflow) return answer.workflow ? 'should have answered in words' : 'wrong words'
  if (!answer.workflow) return 'should have written a workflow'
  const [own, right] = [answer, truth].map((each) => canonical(schema, each).workflow!) as [Workflow, Workflow]
  const [ownSteps, rightSteps] = [own, right].map(({ steps }) => [...walk(steps)].map(({ step }) => step)) as [Step[], Step[]]
  const [ownActions, rightActions] = [ownSteps, rightSteps].map((steps) => steps.map(({ action }) => action)) as [string[], string[]]
  const missing = without(rightActions, ownActions)
  const extra = without(ownActions, rightActions)
  if (missing.length && extra.length) return 'wrong action'
  if (missing.length) return `missing step: ${missing[0]}`
  if (extra.length) return `extra step: ${extra[0]}`
  if (ownActions.join() !== rightActions.join()) return 'wrong order of steps'
  for (const [i, step] of rightSteps.entries()) {
    const given = ownSteps[i]!
    for (const name of new Set([...Object.keys(step.parameters), ...Object.keys(given.parameters)])) {
      const [a, b] = [given.parameters[name], step.parameters[name]]
      if (isNested(a) || isNested(b) || JSON.stringify(a) === JSON.stringify(b)) continue
      return `${b === undefined ? 'unexpected' : a === undefined ? 'missing' : 'wrong'} parameter: ${step.action} ${name}`
    }
    if (JSON.stringify(given.conditions) !== JSON.stringify(step.conditions)) return 'wrong conditions'
  }
  return 'wrong variables'
}

const isNested = (value: unknown) => Array.isArray(value) && typeof value[0] === 'object'

/** What of a list is left when another's items are taken away, each once. */
function without(list: readonly string[], gone: readonly string[]): string[] {
  const rest = [...gone]
  return list.filter((item) => {
    const at = rest.indexOf(item)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

/** Figures of the report's own section, for one answer: 1 or 0 each, and how alike the two documents are as texts. */
export function metrics(schema: WorkflowSchema, predicted: string, row: Row, { valid, allowed, equivalent: same }: Score): Record<string, number> {
  const { answer } = readAnswer(predicted)
  const keepsRules = allowed || (answer !== undefined && (!answer.workflow || brokenRules(schema, answer.workflow).length === 0))
  const rate = (value: boolean) => (value ? 1 : 0)
  const reference = written(canonical(schema, readAnswer(row.output).answer!))
  const text = keepsRules ? written(canonical(schema, answer!)) : predicted
  return {
    'syntax validity': rate(valid),
    'rule validity': rate(keepsRules),
    'execution validity': rate(allowed),
    'structural accuracy': rate(keepsRules && text === reference),
    'executes the same': rate(same),
    BLEU: bleu(text, reference),
    'ROUGE-L': rougeL(text, reference),
  }
}
