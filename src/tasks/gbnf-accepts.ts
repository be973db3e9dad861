import { InputError } from '../errors.ts'

/** Where a rule may end in a text that it begins to match at a place; empty where it does not match. */
type Rule = (text: string, at: number) => ReadonlySet<number>

const token = /\s*("(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[()|?*+]|[\w-]+)/y

/**
 * What llama.cpp would say of whole texts under a grammar, without a model: literals, classes of characters, groups, alternatives, repetitions
 * and rules by name, which is all that the families' grammars have (https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md).
 * @throws InputError for what is no such grammar
 */
export function gbnfAccepts(gbnf: string): (text: string) => boolean {
  const rules = new Map<string, Rule>()
  for (const line of gbnf.split('\n').filter((each) => each.trim() !== '')) {
    const [, name = '', body = ''] = /^([\w-]+) ::= (.*)$/.exec(line) ?? []
    rules.set(name, new Reader(body, (wanted) => (text, at) => ruleOf(rules, wanted)(text, at)).alternatives())
  }
  const root = ruleOf(rules, 'root')
  return (text) => root(text, 0).has(text.length)
}

function ruleOf(rules: ReadonlyMap<string, Rule>, name: string): Rule {
  const rule = rules.get(name)
  if (!rule) throw new InputError(`expected the grammar to have a rule ${JSON.stringify(name)}, found none.`)
  return rule
}

/** Reads the right side of a rule. */
class Reader {
  readonly #tokens: string[] = []
  #next = 0
  readonly #refer: (name: string) => Rule

  constructor(body: string, refer: (name: string) => Rule) {
    this.#refer = refer
    let read = token.lastIndex = 0
    for (let match; (match = token.exec(body)); read = token.lastIndex) this.#tokens.push(match[1]!)
    if (body.slice(read).trim() !== '') throw new InputError(`expected a rule of a grammar, found ${JSON.stringify(body.slice(read, read + 80))}.`)
  }

  alternatives(): Rule {
    const all = [this.#sequence()]
    while (this.#takes('|')) all.push(this.#sequence())
    return all.length === 1 ? all[0]! : (text, at) => new Set(all.flatMap((rule) => [...rule(text, at)]))
  }

  #sequence(): Rule {
    const items: Rule[] = []
    while (this.#next < this.#tokens.length && !['|', ')'].includes(this.#tokens[this.#next]!)) items.push(this.#item())
    return (text, at) => items.reduce<ReadonlySet<number>>((ends, item) => follow(item, text, ends), new Set([at]))
  }

  #item(): Rule {
    const one = this.#single()
    const sign = this.#tokens[this.#next] ?? ''
    if (!/^[?*+{]/.test(sign)) return one
    this.#next++
    const [, least = '', comma, most = ''] = /^\{(\d+)(,?)(\d*)\}$/.exec(sign) ?? []
    if (sign.startsWith('{')) return repeated(one, Number(least), comma ? (most === '' ? Infinity : Number(most)) : Number(least))
    return repeated(one, sign === '+' ? 1 : 0, sign === '?' ? 1 : Infinity)
  }

  #single(): Rule {
    const text = this.#tokens[this.#next++]!
    if (text === '(') {
      const inner = this.alternatives()
      if (!this.#takes(')')) throw new InputError('expected a group of the grammar to end with ")", found its end.')
      return inner
    }
    if (text.startsWith('"')) return literally(text.slice(1, -1).replace(/\\(.)/g, (_, sign: string) => ({ n: '\n', r: '\r', t: '\t' })[sign] ?? sign))
    if (text.startsWith('[')) return oneOf(new RegExp(text.replaceAll('\\"', '"'), 'uy'))
    return this.#refer(text)
  }

  #takes(sign: string): boolean {
    if (this.#tokens[this.#next] !== sign) return false
    this.#next++
    return true
  }
}

const none: ReadonlySet<number> = new Set()

const literally = (wanted: string): Rule => (text, at) => (text.startsWith(wanted, at) ? new Set([at + wanted.length]) : none)

const oneOf = (characters: RegExp): Rule => (text, at) => {
  characters.lastIndex = at
  return characters.test(text) ? new Set([characters.lastIndex]) : none
}

const follow = (rule: Rule, text: string, ends: ReadonlySet<number>): ReadonlySet<number> => {
  if (ends.size === 1) return rule(text, [...ends][0]!)
  const next = new Set<number>()
  for (const at of ends) for (const end of rule(text, at)) next.add(end)
  return next
}

function repeated(rule: Rule, least: number, most: number): Rule {
  return (text, at) => {
    const found = new Set<number>(least === 0 ? [at] : [])
    let ends: ReadonlySet<number> = new Set([at])
    for (let times = 1; times <= most && ends.size > 0; times++) {
      ends = follow(rule, text, ends)
      if (times >= least) for (const end of ends) found.add(end)
    }
    return found
  }
}
