import type { Row } from '../../dataset/row.ts'
import { guard } from '../../teacher/noise.ts'
import { Random } from '../../teacher/random.ts'
import { asTyped } from '../../teacher/typing.ts'
import { writeValue } from '../../teacher/values.ts'
import type { Brief } from '../family.ts'
import { canonical, type Step, type Workflow } from './document.ts'
import { sayWithVariable } from './offline/conditions.ts'
import { framed, joined, needsNeighbour } from './offline/sentence.ts'
import { sayAction, sayFact, sayRecipe, type SaidSteps, type Scene } from './offline/step.ts'
import { channelValue, columnName, metadataFile } from './offline/values.ts'
import { chosen, filled, wordsOf } from '../phrase.ts'
import { isAboutRules } from './plan.ts'
import { findAction, hasSteps, operationOf, type Action, type WorkflowSchema } from './schema.ts'
import { toldAbout } from './told.ts'

/** Writes the row of a brief in the words of the language's own phrases; the same row for the same brief and seed. */
export function writeOffline(schema: WorkflowSchema, brief: Brief, seed: number): Row {
  const r = new Random(`${seed}/${brief.key}`)
  const { kind = 'single', action = '-' } = brief.slice
  if (isAboutRules(kind) || Object.hasOwn(schema.replies, kind)) return writeReply(schema, brief, r)
  const focus = findAction(schema, action)!
  for (let attempt = 0; ; attempt++) {
    const scene: Scene = { schema, r, metadata: metadataOf(schema, brief.slice.metadata ?? 'none', r), columns: undefined, named: [] }
    const written = writeRequest(scene, focus, kind, brief.slice.phrasing ?? 'plain')
    // Some words fit only with neighbours or with other metadata.
    if (!written && attempt < 30) continue
    if (!written) throw new Error(`the phrases of ${action} fit no request`)
    const { text, workflow, question } = written
    const typed = asTyped(text, { question, phrasing: brief.slice.phrasing ?? 'plain', fillers: true, slips: true, known: knownWords(schema) }, r)
    return {
      instruction: typed,
      context: Object.keys(scene.metadata).length ? scene.metadata : null,
      output: JSON.stringify(canonical(schema, { workflow }).workflow),
      intent: brief.key,
      slice: { ...brief.slice, steps: String(workflow.steps.length) },
      source: 'offline',
    }
  }
}

function writeReply(schema: WorkflowSchema, brief: Brief, r: Random): Row {
  const { kind = '', action = '' } = brief.slice
  const told = toldAbout(schema, action)
  const reply = schema.replies[kind]
  const requests = [...told, ...(told.length === 0 && reply ? [{ text: reply.text, questions: reply.requests }] : [])].flatMap(({ text, questions }) => questions.map((say) => ({ text, say })))
  const at = r.int(0, requests.length - 1)
  const { text, say } = requests[at]!
  const said = filled(chosen(say, r), ({ name }) => guard(name === 'action' ? action : name === 'count' ? writeValue('number', r) : writeValue(r.pick(['word', 'user', 'name']), r)))
  const question = told.length > 0 || /^(what|who|how|when|which|is|will|can|may|do|where)\b/i.test(said)
  const typed = asTyped(said, { question, phrasing: r.pick(['plain', 'casual']), fillers: kind !== 'unclear', slips: true, known: knownWords(schema) }, r)
  const instruction = kind === 'choice' ? `${typed} ${choices(schema, text, r)}` : typed
  return { instruction, context: null, output: JSON.stringify({ response: text }), intent: `${kind}/${action}/${at}`, slice: { ...brief.slice, steps: '0' }, source: 'offline' }
}

/** The right text among those of other rules, numbered as people number a choice. */
function choices(schema: WorkflowSchema, right: string, r: Random): string {
  const others = r.shuffle(schema.rules.map(({ text }) => text).filter((text) => text !== right)).slice(0, r.int(1, 3))
  const mark = r.pick([(at: number) => `${'abcd'[at]})`, (at: number) => `${'ABCD'[at]}:`, (at: number) => `(${at + 1})`, (at: number) => `${at + 1}.`])
  return r.shuffle([right, ...others]).map((text, at) => `${mark(at)} ${text}`).join(' ')
}

function metadataOf(schema: WorkflowSchema, how: string, r: Random): Record<string, string> {
  if (how === 'none') return {}
  const found: Record<string, string> = {}
  const file = r.chance(how === 'full' ? 0.7 : 0.3) ? metadataFile(r) : undefined
  for (const [name, { type, values }] of Object.entries(schema.metadata)) {
    if (type === 'file') {
      if (file !== undefined) found[name] = file
    } else if (how === 'full' || r.chance(0.55)) found[name] = values ? (values.find((value) => file?.endsWith(`.${value.toLowerCase()}`)) ?? r.pick(values)) : channelValue(r)
  }
  return found
}

interface Written { text: string; workflow: Workflow; question: boolean }

function writeRequest(scene: Scene, focus: Action, kind: string, phrasing: string): Written | undefined {
  const { r } = scene
  const variables: Workflow['variables'] = {}
  const parts = kind === 'single' ? single(scene, focus) : several(scene, focus, kind, variables)
  if (!parts || parts.every(({ text }) => needsNeighbour(text))) return undefined
  const texts = parts.map(({ text }) => text)
  const opening = Object.entries(variables).map(([name, value]) => r.pick([`with the variable ${guard(name)} set to ${guard(String(value))},`, `let ${guard(name)} be ${guard(String(value))},`, `declare ${guard(name)} as ${guard(String(value))}:`, `set the variable ${guard(name)} to ${guard(String(value))} and`, `define a variable ${guard(name)} = ${guard(String(value))},`, `given a variable ${guard(name)} of ${guard(String(value))},`]))
  const { text, question } = framed(joined(texts, r, phrasing === 'precise'), phrasing, r)
  const workflow: Workflow = { ...(opening.length > 0 && { variables }), steps: parts.flatMap(({ steps }) => steps) }
  return { text: [...opening, text].join(' '), workflow, question }
}

function single(scene: Scene, focus: Action): SaidSteps[] | undefined {
  const { r } = scene
  const operation = operationOf(focus)
  // What has words of its own is asked for alone as often as not: "mean salary by department".
  const recipes = scene.schema.recipes.filter(({ steps }) => steps.some(({ action }) => action === focus.name))
  if (recipes.length > 0 && r.chance(0.4)) return [sayRecipe(scene, r.pick(recipes))]
  // A group alone means nothing.
  if (operation === 'group') return grouped(scene, focus)
  const said = sayAction(scene, focus)
  if (!said) return undefined
  if (operation === 'stop' || (isSink(focus) && r.chance(0.2))) return [onlyIf(scene, said)]
  return [said]
}

/** Groups, and the figure of each; nothing is left of the other columns. */
function grouped(scene: Scene, group: Action): SaidSteps[] | undefined {
  const aggregate = scene.schema.actions.find((action) => operationOf(action) === 'aggregate')
  const before = scene.columns
  const said = sayAction(scene, group)
  const groups = scene.columns ?? []
  scene.columns = before
  const figure = aggregate && sayAction(scene, aggregate)
  const result = figure?.steps[0]!.parameters.column ?? 'count'
  scene.columns = [...new Set([...groups, String(result)])]
  return said && figure && [said, figure]
}

/** The steps of an action in the middle of a way. */
function sayWhole(scene: Scene, action: Action): (SaidSteps | undefined)[] {
  return operationOf(action) === 'group' ? (grouped(scene, action) ?? [undefined]) : [sayAction(scene, action)]
}

/** The step only when a fact holds. */
function onlyIf(scene: Scene, { steps, text }: SaidSteps): SaidSteps {
  const { r } = scene
  const fact = sayFact(scene)
  const said = r.weighted([[`if ${fact.text}, ${text}`, 4], [`${text} if ${fact.text}`, 4], [`${text} only if ${fact.text}`, 1], [`when ${fact.text}, ${text}`, 1], [`${text} when ${fact.text}`, 1], [`in case ${fact.text}, ${text}`, 0.5]] as const)
  return { steps: steps.map((step): Step => ({ ...step, conditions: [fact.means] })), text: said }
}

const isSink = (action: Action) => ['write', 'notify', 'log'].includes(operationOf(action) ?? '')
const isSource = (action: Action) => operationOf(action) === 'read'
/** How often an action changes a table in the middle of a way; those that are not named come as often as any. */
const weights: Record<string, number> = { filter: 9, sort: 4, select: 3, limit: 2, aggregate: 1, group: 2, deduplicate: 2, map: 3, join: 1.5, wait: 0.4, http_call: 0.5, append: 0.7 }

function several(scene: Scene, focus: Action, kind: string, variables: NonNullable<Workflow['variables']>): SaidSteps[] | undefined {
  const { schema, r } = scene
  const of = (test: (action: Action) => boolean) => schema.actions.filter(test)
  const nested = hasSteps(focus)
  const last = operationOf(focus) === 'on_error'
  const middle = of((action) => !isSource(action) && !isSink(action) && !hasSteps(action) && operationOf(action) !== 'stop')
  const parts: (SaidSteps | undefined)[] = []
  const odd = kind === 'edge' ? r.weighted([['error', 4], ['variable', 3], ['long', 2], ['condition', 2]] as const) : 'none'

  const begins = isSource(focus) || r.chance(0.72)
  if (begins) {
    const source = isSource(focus) ? focus : r.chance(0.12) ? r.pick(of((action) => operationOf(action) === 'http_call')) : r.pick(of(isSource))
    if (source) parts.push(sayAction(scene, source))
  }
  if (odd === 'variable') {
    const name = r.chance(0.6) ? r.pick(['threshold', 'minimum', 'maximum', 'cutoff', 'target', 'wanted', 'limit_value', 'region_name', 'floor', 'budget_cap', 'lower', 'needle']) : columnName(r, 'number', [])
    const filter = of((action) => operationOf(action) === 'filter')[0]
    const phrase = r.pick(['keep rows where', 'filter', 'only rows where', 'keep the rows where', 'filter to rows where', 'take those where'])
    if (filter) {
      const said = sayWithVariable(r, (kindOfColumn) => columnName(r, kindOfColumn, []), name)
      variables[name] = said.value
      parts.push({ steps: [{ action: filter.name, parameters: { condition: said.means } }], text: `${phrase} ${said.text}` })
    }
  }
  const wanted = odd === 'long' ? 3 : r.weighted([[0, begins ? 2.5 : 0], [1, 6], [2, 2]] as const)
  const focusInside = !isSource(focus) && !isSink(focus) && !nested && operationOf(focus) !== 'stop'
  const at = r.int(0, Math.max(0, wanted - 1))
  for (let i = 0; i < Math.max(wanted, focusInside ? 1 : 0); i++) {
    if (focusInside && i === at) parts.push(...sayWhole(scene, focus))
    else if (r.chance(0.22) && schema.recipes.length && !scene.columns) parts.push(sayRecipe(scene, r.pick(schema.recipes)))
    else parts.push(...sayWhole(scene, r.weighted(middle.map((each) => [each, weights[operationOf(each) ?? ''] ?? 1] as const))))
  }
  if (nested && !last) parts.push(sayAction(scene, focus))
  if (isSink(focus) || operationOf(focus) === 'stop' || (!nested && r.chance(0.5)) || odd === 'condition') {
    const sink = isSink(focus) || operationOf(focus) === 'stop' ? focus : r.weighted(of(isSink).map((action) => [action, operationOf(action) === 'log' ? 1 : 4] as const))
    const said = sayAction(scene, sink)
    parts.push(said && (odd === 'condition' || operationOf(sink) === 'stop' || r.chance(0.12)) ? onlyIf(scene, said) : said)
  }
  if (last || odd === 'error' || (kind === 'multi' && r.chance(0.04))) {
    const handler = last ? focus : of((action) => operationOf(action) === 'on_error')[0]
    if (handler) parts.push(sayAction(scene, handler))
  }
  const there = parts.filter((part) => part !== undefined)
  return there.length === parts.length && there.length > 1 ? there : undefined
}

const words = new WeakMap<WorkflowSchema, ReadonlySet<string>>()

/** Words of the language that a slip of the fingers must not turn into one another. */
export function knownWords(schema: WorkflowSchema): ReadonlySet<string> {
  let found = words.get(schema)
  if (!found) {
    const texts = [...schema.actions.flatMap(({ phrases, parameters }) => [...phrases.map(({ say }) => say), ...parameters.flatMap((each) => Object.values(each.value_synonyms).flat())]), ...schema.recipes.flatMap(({ say }) => say)]
    found = new Set(texts.flatMap(wordsOf))
    words.set(schema, found)
  }
  return found
}
