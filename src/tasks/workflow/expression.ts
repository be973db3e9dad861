import { shown } from '../../text.ts'

export type Scalar = string | number | boolean | null

export type Expression =
  | { kind: 'literal'; value: Scalar }
  | { kind: 'name'; name: string }
  | { kind: 'variable'; name: string }
  | { kind: 'call'; name: string; of: Expression }
  | { kind: 'unary'; op: 'not' | '-'; of: Expression }
  | { kind: 'binary'; op: string; left: Expression; right: Expression }

/** An expression that cannot be read, or not be computed. */
export class ExpressionError extends Error {
  override name = 'ExpressionError'
}

/** How tightly operators bind; a larger number binds tighter. */
const binding: Record<string, number> = { or: 1, and: 2, '==': 4, '!=': 4, '>=': 4, '<=': 4, '>': 4, '<': 4, contains: 4, starts_with: 4, ends_with: 4, '+': 5, '-': 5, '*': 6, '/': 6 }
const notBinding = 3
const minusBinding = 7

export const comparisons = ['==', '!=', '>', '>=', '<', '<=', 'contains', 'starts_with', 'ends_with'] as const
const functions: Record<string, (value: Scalar) => Scalar> = {
  upper: (value) => (value === null ? null : String(value).toUpperCase()),
  lower: (value) => (value === null ? null : String(value).toLowerCase()),
  trim: (value) => (value === null ? null : String(value).trim()),
  length: (value) => (value === null ? 0 : String(value).length),
  round: (value) => onNumber(value, Math.round),
  abs: (value) => onNumber(value, Math.abs),
}
export const functionNames = Object.keys(functions)

/** Longest expression that is read, in characters, and deepest nesting. */
const limit = { characters: 1_000, depth: 30 }

const other: Record<string, string> = { '=': '==', '<>': '!=', '&&': 'and', '||': 'or', '!': 'not' }
const token = /\s*(?:(\d+(?:\.\d+)?(?![\w.]))|'([^']*)'|"([^"]*)"|@var:([A-Za-z_]\w*)|([A-Za-z_][\w.]*)|(==|!=|<>|>=|<=|&&|\|\||[=<>()+*/!-]))/y

const operatorWord = /^(?:and|or|not|contains|starts_with|ends_with)$/i

/** Words that cannot be the name of a column, since an expression means something by them. */
export const isReserved = (word: string): boolean => operatorWord.test(word) || /^(?:true|false|null|none)$/i.test(word)

interface Token { kind: 'number' | 'text' | 'variable' | 'word' | 'sign'; text: string }

function tokensOf(text: string): Token[] {
  if (text.length > limit.characters) throw new ExpressionError(`expected an expression of at most ${limit.characters} characters, found ${text.length}`)
  const tokens: Token[] = []
  const end = text.trimEnd().length
  for (token.lastIndex = 0; token.lastIndex < end; ) {
    const at = token.lastIndex
    const found = token.exec(text)
    if (!found) throw new ExpressionError(`expected an expression, found ${shown(text.slice(at).trim())}`)
    const [, number, single, double, variable, word, sign] = found
    if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (single !== undefined || double !== undefined) tokens.push({ kind: 'text', text: (single ?? double)! })
    else if (variable !== undefined) tokens.push({ kind: 'variable', text: variable })
    else if (word !== undefined) tokens.push(operatorWord.test(word) ? { kind: 'sign', text: word.toLowerCase() } : { kind: 'word', text: word })
    else tokens.push({ kind: 'sign', text: other[sign!] ?? sign! })
  }
  return tokens
}

/**
 * Reads an expression: names, numbers, 'texts', `@var:name`, true, false, null, comparison, and, or, not, arithmetic, six functions of one value.
 * @throws ExpressionError for anything else
 */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text)
  let at = 0
  const peek = (sign: string) => tokens[at]?.kind === 'sign' && tokens[at]!.text === sign
  const expect = (sign: string) => {
    if (!peek(sign)) throw new ExpressionError(`expected ${shown(sign)} in ${shown(text)}, found ${shown(tokens[at]?.text ?? 'the end')}`)
    at++
  }
  const primary = (depth: number): Expression => {
    const next = tokens[at++]
    if (depth > limit.depth) throw new ExpressionError(`expected at most ${limit.depth} levels in ${shown(text)}`)
    switch (next?.kind) {
      case 'number': return { kind: 'literal', value: Number(next.text) }
      case 'text': return { kind: 'literal', value: next.text }
      case 'variable': return { kind: 'variable', name: next.text }
      case 'word': {
        if (/^(true|false)$/i.test(next.text)) return { kind: 'literal', value: next.text.toLowerCase() === 'true' }
        if (/^(null|none)$/i.test(next.text)) return { kind: 'literal', value: null }
        if (!peek('(')) return { kind: 'name', name: next.text }
        if (!functionNames.includes(next.text)) throw new ExpressionError(`expected one of the functions ${functionNames.join(', ')}, found ${shown(next.text)}`)
        at++
        const of = binary(0, depth + 1)
        expect(')')
        return { kind: 'call', name: next.text, of }
      }
      case 'sign': {
        if (next.text === '(') {
          const inner = binary(0, depth + 1)
          expect(')')
          return inner
        }
        if (next.text === 'not') return { kind: 'unary', op: 'not', of: binary(notBinding, depth + 1) }
        if (next.text === '-') {
          const of = binary(minusBinding, depth + 1)
          return of.kind === 'literal' && typeof of.value === 'number' ? { kind: 'literal', value: -of.value } : { kind: 'unary', op: '-', of }
        }
      }
    }
    throw new ExpressionError(`expected a value in ${shown(text)}, found ${shown(next?.text ?? 'the end')}`)
  }
  const binary = (least: number, depth: number): Expression => {
    let left = primary(depth)
    for (;;) {
      const op = tokens[at]?.kind === 'sign' ? tokens[at]!.text : ''
      const binds = binding[op]
      if (binds === undefined || binds <= least) return left
      at++
      left = { kind: 'binary', op, left, right: binary(binds, depth + 1) }
    }
  }
  const whole = binary(0, 0)
  if (at < tokens.length) throw new ExpressionError(`expected the end of ${shown(text)}, found ${shown(tokens[at]!.text)}`)
  return whole
}

/** The canonical spelling: single spaces, single quotes, no brackets that change nothing. */
export function printExpression(expression: Expression, least = 0): string {
  switch (expression.kind) {
    case 'literal': return typeof expression.value === 'string' ? quoted(expression.value) : String(expression.value)
    case 'name': return expression.name
    case 'variable': return `@var:${expression.name}`
    case 'call': return `${expression.name}(${printExpression(expression.of)})`
    case 'unary': {
      const binds = expression.op === 'not' ? notBinding : minusBinding
      const text = expression.op === 'not' ? `not ${printExpression(expression.of, binds)}` : `-${printExpression(expression.of, binds)}`
      return binds < least ? `(${text})` : text
    }
    case 'binary': {
      const binds = binding[expression.op]!
      const text = `${printExpression(expression.left, binds)} ${expression.op} ${printExpression(expression.right, binds + 1)}`
      return binds < least ? `(${text})` : text
    }
  }
}

const quoted = (text: string) => (text.includes("'") ? `"${text}"` : `'${text}'`)

/** The canonical spelling of an expression's text. @throws ExpressionError */
export const canonicalExpression = (text: string): string => printExpression(parseExpression(text))

export interface Scope {
  /** @throws ExpressionError for a name that there is not */
  name(name: string): Scalar
  variable(name: string): Scalar
}

/** The value in a scope. What cannot be compared or computed is null, and so is the opposite of null, as in a query: "not a > 1" is "a <= 1". @throws ExpressionError from the scope */
export function evaluate(expression: Expression, scope: Scope): Scalar {
  switch (expression.kind) {
    case 'literal': return expression.value
    case 'name': return scope.name(expression.name)
    case 'variable': return scope.variable(expression.name)
    case 'call': return functions[expression.name]!(evaluate(expression.of, scope))
    case 'unary': {
      const value = evaluate(expression.of, scope)
      if (expression.op === '-') return onNumber(value, (number) => -number)
      return value === null ? null : !isTrue(value)
    }
    case 'binary': {
      const left = evaluate(expression.left, scope)
      if (expression.op === 'and') return isTrue(left) && isTrue(evaluate(expression.right, scope))
      if (expression.op === 'or') return isTrue(left) || isTrue(evaluate(expression.right, scope))
      return computed(expression.op, left, evaluate(expression.right, scope))
    }
  }
}

export const isTrue = (value: Scalar): boolean => value === true

function computed(op: string, left: Scalar, right: Scalar): Scalar {
  if (op === '==' || op === '!=') return (left === null || right === null ? left === right : String(left) === String(right)) === (op === '==')
  if (left === null || right === null) return null
  switch (op) {
    case 'contains': return String(left).includes(String(right))
    case 'starts_with': return String(left).startsWith(String(right))
    case 'ends_with': return String(left).endsWith(String(right))
  }
  if (comparisons.includes(op as never)) {
    const order = orderOf(left, right)
    return order === undefined ? null : op === '>' ? order > 0 : op === '>=' ? order >= 0 : op === '<' ? order < 0 : order <= 0
  }
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a === undefined || b === undefined) return op === '+' ? `${left}${right}` : null
  const value = op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : a / b
  return Number.isFinite(value) ? value : null
}

/** Numbers as numbers, everything else as text (so that ISO dates come in order); undefined where the two are of different kinds. */
function orderOf(left: Scalar, right: Scalar): number | undefined {
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a !== undefined && b !== undefined) return a - b
  if (a !== undefined || b !== undefined) return undefined
  return String(left) < String(right) ? -1 : String(left) > String(right) ? 1 : 0
}

function numberOf(value: Scalar): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined
}

function onNumber(value: Scalar, change: (number: number) => number): Scalar {
  const number = numberOf(value)
  return number === undefined ? null : change(number)
}

/** Every part of an expression, itself first. */
export function partsOf(expression: Expression): Expression[] {
  const inner = expression.kind === 'binary' ? [expression.left, expression.right] : expression.kind === 'call' || expression.kind === 'unary' ? [expression.of] : []
  return [expression, ...inner.flatMap(partsOf)]
}
