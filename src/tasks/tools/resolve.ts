import { didYouMean, oneOf, shown } from '../../text.ts'
import { compile, Trial } from '../pattern.ts'
import { limit } from '../yaml-limits.ts'
import { longestValue, mostValues, problemOf } from './values.ts'
import { isRecord, type Json, type Scalar } from './json.ts'
import { type Node, type Property, type Shape } from './node.ts'
import { typeNames } from './schema.ts'

type Path = (string | number)[]
export type Report = (path: Path, message: string) => void

/** More levels than anybody speaks of in one sentence. */
const deepest = 8

/** Keywords by which a value's shape depends on more than itself, or that no grammar of a fixed depth can say. */
const beyond = ['not', 'if', 'then', 'else', 'allOf', 'patternProperties', 'propertyNames', 'dependentSchemas', 'dependentRequired', 'prefixItems', 'contains', 'unevaluatedProperties', 'unevaluatedItems', '$dynamicRef']

/** What reading all functions of a schema may take: patterns take time, and references write the same parameters out again and again. */
export interface Effort { trial: Trial; nodes: number }
export const effort = (): Effort => ({ trial: new Trial(), nodes: limit.nodes })

const nothing: Shape = { kind: 'object', properties: [], least: 0 }

/** Reads one function's `parameters` (JSON Schema) into nodes; `path` is where they stand. What cannot be read is reported with its place. */
export function resolveParameters(root: unknown, path: Path, report: Report, left: Effort): Property[] {
  if (root === undefined) return []
  if (!isRecord(root)) {
    report(path, `expected parameters as JSON Schema of type object, found ${shown(root)}; write {"type": "object", "properties": {}}.`)
    return []
  }
  const { shape } = new Resolver(root, path, report, left).node(root, path, [])
  if (shape.kind === 'object') return shape.properties
  if (shape.kind !== 'map') report(path, `expected parameters of type object, found ${shown(root.type)}; a call's parameters are named.`)
  return []
}

/** Reads the nodes of one function; references lead within its own parameters. */
class Resolver {
  readonly #root: Record<string, unknown>
  readonly #rootPath: Path
  readonly #report: Report
  readonly #left: Effort

  constructor(root: Record<string, unknown>, rootPath: Path, report: Report, left: Effort) {
    this.#root = root
    this.#rootPath = rootPath
    this.#report = report
    this.#left = left
  }

  /** @param through the references that led here */
  node(raw: unknown, path: Path, through: string[], depth = 0): Node {
    if (!isRecord(raw)) {
      // JSON Schema's `true`: anything.
      if (raw !== true) this.#report(path, `expected a parameter as JSON Schema, found ${shown(raw)}; write {"type": "string"} or the like.`)
      return nodeOf({}, { kind: 'text', minLength: 1, maxLength: longestValue })
    }
    if (--this.#left.nodes < 0) {
      if (this.#left.nodes === -1) this.#report(path, `expected at most ${limit.nodes} parameters with all references written out, found more; refer to less.`)
      return nodeOf({}, nothing)
    }
    if (depth > deepest) {
      this.#report(path, `expected at most ${deepest} levels of parameters, found more; nest less.`)
      return nodeOf(raw, nothing)
    }
    if (typeof raw.$ref === 'string') return this.#referred(raw, raw.$ref, path, through, depth)
    if (Array.isArray(raw.allOf) && raw.allOf.length === 1 && isRecord(raw.allOf[0])) return this.node({ ...raw.allOf[0], ...without(raw, 'allOf') }, path, through, depth)
    const strange = beyond.find((key) => Object.hasOwn(raw, key))
    if (strange !== undefined) this.#report([...path, strange], `expected type, enum, const, properties, items, anyOf or a local $ref, found ${shown(strange)}, which is not supported; say it with one of these, or leave it out.`)
    const node = nodeOf(raw, this.#shape(raw, path, through, depth))
    this.#check(node, raw, path)
    return node
  }

  #referred(raw: Record<string, unknown>, reference: string, path: Path, through: string[], depth: number): Node {
    const at = [...path, '$ref']
    if (through.includes(reference)) {
      this.#report(at, `expected parameters that come to an end, found ${shown(reference)}, which leads back to itself (${[...through, reference].slice(through.indexOf(reference)).join(' → ')}); write the levels out that people use.`)
      return nodeOf(raw, nothing)
    }
    const steps = stepsOf(reference)
    const found = reference === '#' ? this.#root : steps?.reduce<unknown>((inner, step) => (isRecord(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined), this.#root)
    if (!isRecord(found)) {
      const known = ['$defs', 'definitions'].flatMap((key) => (isRecord(this.#root[key]) ? Object.keys(this.#root[key]).map((name) => `#/${key}/${name}`) : []))
      this.#report(at, `expected a reference within these parameters${known.length ? ` (${oneOf(known)})` : ', which define nothing under $defs'}, found ${shown(reference)}${didYouMean(reference, known) || '; write the part out.'}`)
      return nodeOf(raw, nothing)
    }
    return this.node({ ...found, ...without(raw, '$ref') }, steps ? [...this.#rootPath, ...steps] : this.#rootPath, [...through, reference], depth)
  }

  #shape(raw: Record<string, unknown>, path: Path, through: string[], depth: number): Shape {
    const choices = raw.enum ?? (raw.const === undefined ? undefined : [raw.const])
    if (choices !== undefined) return this.#choice(choices, path, raw.enum === undefined ? 'const' : 'enum')
    for (const key of ['anyOf', 'oneOf'] as const) {
      const options = raw[key]
      if (Array.isArray(options)) return either(options.map((option, i) => this.node(option, [...path, key, i], through, depth + 1)))
    }
    if (Array.isArray(raw.type)) return either(raw.type.map((type) => this.node({ ...without(raw, 'default'), type }, path, through, depth + 1)))
    const type = raw.type ?? (raw.properties ? 'object' : raw.items ? 'array' : undefined)
    switch (type) {
      case 'string': return { kind: 'text', pattern: typeof raw.pattern === 'string' ? raw.pattern : undefined, minLength: Math.max(1, count(raw.minLength) ?? 1), maxLength: Math.min(longestValue, count(raw.maxLength) ?? longestValue) }
      case 'integer':
      case 'number': return { kind: 'number', integer: type === 'integer', ...bounds(raw, type === 'integer') }
      case 'boolean': return { kind: 'choice', values: [true, false] }
      case 'null': return { kind: 'choice', values: [null] }
      case 'array': return {
        kind: 'list', items: this.node(raw.items ?? {}, raw.items ? [...path, 'items'] : path, through, depth + 1),
        least: count(raw.minItems) ?? 0, most: Math.min(mostValues, count(raw.maxItems) ?? mostValues), unique: raw.uniqueItems === true,
      }
      case 'object': return this.#object(raw, path, through, depth)
      case undefined: return either((['string', 'number', 'boolean'] as const).map((each) => nodeOf({}, this.#shape({ type: each }, path, through, depth))))
      default:
        this.#report([...path, 'type'], `expected the type ${oneOf(typeNames)}, found ${shown(type)}${(typeof type === 'string' && didYouMean(type, typeNames)) || '; choose one of them.'}`)
        return nothing
    }
  }

  #choice(values: unknown, path: Path, key: string): Shape {
    const scalar = (value: unknown): value is Scalar => value === null || ['string', 'number', 'boolean'].includes(typeof value)
    if (!Array.isArray(values) || values.length === 0) {
      this.#report([...path, key], `expected a list of values, found ${shown(values)}; list them.`)
      return nothing
    }
    const wrong = values.findIndex((value) => !scalar(value))
    if (wrong >= 0) this.#report(key === 'enum' ? [...path, key, wrong] : [...path, key], `expected a text, a number, true, false or null, found ${shown(values[wrong])}; describe it with properties.`)
    const doubled = values.findIndex((value, i) => values.indexOf(value) < i)
    if (doubled >= 0) this.#report([...path, key, doubled], `expected every value once, found a second ${shown(values[doubled])}; remove one.`)
    return { kind: 'choice', values: values.filter(scalar) }
  }

  #object(raw: Record<string, unknown>, path: Path, through: string[], depth: number): Shape {
    const given = isRecord(raw.properties) ? Object.entries(raw.properties) : []
    if (given.length === 0) {
      if (raw.additionalProperties === false || path.length === this.#rootPath.length) return nothing
      const values = raw.additionalProperties
      return { kind: 'map', values: isRecord(values) ? this.node(values, [...path, 'additionalProperties'], through, depth + 1) : this.node({}, path, through, depth + 1) }
    }
    const required = Array.isArray(raw.required) ? raw.required : []
    required.forEach((name, i) => {
      const names = given.map(([known]) => known)
      if (!names.includes(name as string)) this.#report([...path, 'required', i], `expected the name of a property, found ${shown(name)}${didYouMean(String(name), names) || '; declare it under "properties".'}`)
    })
    return {
      kind: 'object',
      least: Math.min(1, count(raw.minProperties) ?? 0),
      properties: given.map(([name, value]) => {
        const node = this.node(value, [...path, 'properties', name], through, depth + 1)
        return { name, node, required: required.includes(name) && node.default === undefined }
      }),
    }
  }

  #check(node: Node, raw: Record<string, unknown>, path: Path): void {
    const { shape } = node
    if (shape.kind === 'text' && shape.pattern !== undefined) {
      const where = [...path, 'pattern']
      if (!compile(shape.pattern)) this.#report(where, `expected a regular expression, found ${shown(shape.pattern)}; check its brackets and escapes.`)
      else if (this.#left.trial.neverEnds(shape.pattern)) this.#report(where, `expected a pattern that decides quickly, found ${shown(shape.pattern)}, which some values keep busy without end; repeat nothing that is itself a repetition of the same.`)
    }
    if (shape.kind === 'text' && shape.minLength > shape.maxLength) this.#report([...path, 'maxLength'], `expected room for a text, found at least ${shape.minLength} and at most ${shape.maxLength} characters (${longestValue} are the most that is written); change one of the two.`)
    if (shape.kind === 'number' && shape.minimum !== undefined && shape.maximum !== undefined && shape.minimum > shape.maximum) this.#report([...path, 'maximum'], `expected a maximum of at least ${shape.minimum}, found ${shape.maximum}; change one of the two.`)
    if (shape.kind === 'list' && shape.least > shape.most) this.#report([...path, 'maxItems'], `expected room for a list, found at least ${shape.least} and at most ${shape.most} items (${mostValues} are the most that is written); change one of the two.`)
    for (const value of Object.keys(node.valueSynonyms)) {
      const known = choicesIn(node).map(String)
      if (!known.includes(value)) this.#report([...path, 'value_synonyms'], `expected synonyms of ${known.length ? oneOf(known) : 'the values of an enum'}, found some of ${shown(value)}${didYouMean(value, known) || '; remove them.'}`)
    }
    if (raw.default !== undefined) {
      const problem = this.#left.trial.within(() => problemOf(node, raw.default as Json))
      // Lists of tools in use give null for "none" where null is no value: nothing is lost by reading it so.
      if (problem && raw.default !== null) this.#report([...path, 'default'], `expected a default that is ${problem.expected}, found ${shown(problem.found)}; change one of the two.`)
    }
  }
}

/** "#/$defs/a~1b" as its keys; undefined for what is no such reference, or not rightly escaped. */
function stepsOf(reference: string): string[] | undefined {
  if (!reference.startsWith('#/')) return undefined
  try {
    return reference.slice(2).split('/').map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
  } catch {
    return undefined
  }
}

/** Values that can be chosen, in the node itself, in its items, or in one of its options. */
export function choicesIn({ shape }: Node): Scalar[] {
  if (shape.kind === 'choice') return shape.values
  if (shape.kind === 'list') return choicesIn(shape.items)
  return shape.kind === 'any' ? shape.options.flatMap(choicesIn) : []
}

function nodeOf(raw: Record<string, unknown>, shape: Shape): Node {
  const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])
  return {
    shape,
    description: typeof raw.description === 'string' ? raw.description : '',
    ...(raw.default !== undefined && { default: raw.default as Json }),
    ...(typeof raw.format === 'string' && { format: raw.format }),
    examples: Array.isArray(raw.examples) ? (raw.examples as Json[]) : [],
    synonyms: texts(raw.synonyms),
    valueSynonyms: isRecord(raw.value_synonyms) ? Object.fromEntries(Object.entries(raw.value_synonyms).map(([value, words]) => [value, texts(words)])) : {},
    derived: raw.derived === true,
  }
}

/** One of several shapes; choices make one choice. */
function either(options: Node[]): Shape {
  if (options.length === 1) return options[0]!.shape
  const values = options.flatMap(({ shape }) => (shape.kind === 'choice' ? shape.values : []))
  const others = options.filter(({ shape }) => shape.kind !== 'choice')
  const choice: Node[] = values.length ? [nodeOf({}, { kind: 'choice', values: [...new Set(values)] })] : []
  const all = [...others, ...choice]
  return all.length === 1 ? all[0]!.shape : { kind: 'any', options: all }
}

const without = (raw: Record<string, unknown>, key: string) => Object.fromEntries(Object.entries(raw).filter(([name]) => name !== key))

const count = (value: unknown) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined)

/** Bounds, the exclusive ones of integers with them. */
function bounds(raw: Record<string, unknown>, integer: boolean) {
  const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
  const above = number(raw.exclusiveMinimum)
  const below = number(raw.exclusiveMaximum)
  return { minimum: number(raw.minimum) ?? (above === undefined ? undefined : integer ? Math.floor(above) + 1 : above), maximum: number(raw.maximum) ?? (below === undefined ? undefined : integer ? Math.ceil(below) - 1 : below) }
}
