import type { Random } from '../../../teacher/random.ts'
import { kindOf, likeExample, writeValue } from '../../../teacher/values.ts'
import { matches } from '../../pattern.ts'
import { type Arg, type CliSchema, contextFields, synonymsOf } from '../schema.ts'
import { isLimit } from './words.ts'

/** One value with the words a person would use for it. */
export interface Said {
  value: string | number
  words: string
  /** Free text: it runs to the end of the sentence unless it is quoted. */
  loose: boolean
}

export function say(arg: Arg, r: Random): Said {
  if (arg.type === 'integer') {
    const value = isLimit(arg) ? r.pick([1, 2, 3, 5, 10, 15, 20, 25, 50, 100, r.int(1, 200)]) : integer(arg, r)
    return { value, words: String(value), loose: false }
  }
  const listed = arg.values ?? Object.keys(arg.value_synonyms).filter((value) => value !== '@me')
  const me = arg.value_synonyms['@me']
  if (arg.type === 'enum' || (listed.length >= 3 && r.chance(0.85))) return { ...known(arg, r.pick(listed), r), loose: false }
  if (me && r.chance(0.5)) return known(arg, '@me', r)
  const kind = kindOf(arg.name, arg.format)
  // "app=web", "nginx=nginx:1.27", "pod:/path": where the examples have a shape that the kind lacks, values are made after them.
  const shape = arg.examples.filter((example) => /[=:]/.test(example)).length * 2 > arg.examples.length ? /[=:]/ : /key=value/i.test(arg.description ?? '') ? /=/ : undefined
  for (let attempt = 0; attempt < 30; attempt++) {
    let value = arg.examples.length && r.chance(/^(word|text)$/.test(kind) ? (arg.examples.length > 5 ? 0.9 : 0.75) : 0.2) ? (r.chance(arg.examples.length > 5 ? 0.93 : 0.4) ? r.pick(arg.examples) : likeExample(r.pick(arg.examples), r)) : writeValue(kind, r)
    if (shape && !shape.test(value) && r.chance(0.9)) value = arg.examples.length ? (r.chance(0.15) ? r.pick(arg.examples) : likeExample(r.pick(arg.examples), r)) : writeValue('assignment', r)
    if (arg.pattern === undefined || matches(arg.pattern, value)) return { value, words: value, loose: value.includes(' ') }
  }
  const value = arg.examples[0] ?? listed[0] ?? arg.default ?? writeValue(kind, r)
  return { value, words: value, loose: value.includes(' ') }
}

function known(arg: Arg, value: string, r: Random): Said {
  const others = synonymsOf(arg, value)
  return { value, words: others.length && r.chance(value === '@me' ? 0.97 : 0.6) ? r.pick(others) : value, loose: false }
}

function integer(arg: Arg, r: Random): number {
  if (/port/.test(arg.name)) return Number(writeValue('port', r))
  if (/replica|interval|retries|parallel|min|max|depth|tail|grace|count/.test(arg.name)) return r.pick([r.int(0, 10), r.int(1, 20), r.int(1, 120), r.pick([10, 20, 50, 100, 200, 500])])
  if (/(^|-)id$/.test(arg.name)) return r.int(10_000, 9_999_999)
  return r.weighted([[() => r.int(1, 99), 4], [() => r.int(100, 999), 4], [() => r.int(1000, 9999), 2], [() => r.int(10_000, 99_999), 0.7]] as const)()
}

/** Context with exactly these fields. */
export function contextOf(schema: CliSchema, paths: string[], r: Random): Record<string, unknown> | null {
  if (paths.length === 0) return null
  const out: Record<string, Record<string, unknown>> = {}
  for (const { path, group, name, field } of contextFields(schema)) {
    if (!paths.includes(path)) continue
    const format = field.format ?? (/owner/.test(name) ? 'user' : /repo_name|repo$/.test(name) ? 'name' : /cluster/.test(name) ? 'context-name' : undefined)
    out[group] ??= {}
    out[group][name] = field.type === 'boolean' ? r.chance(0.5) : field.type === 'integer' ? r.pick([r.int(1, 99), r.int(100, 999), r.int(1000, 9999)]) : field.examples.length && r.chance(0.2) ? r.pick(field.examples) : /namespace/.test(name) && r.chance(0.5) ? r.pick(['default', 'kube-system', 'prod', 'staging', 'dev', 'monitoring']) : writeValue(kindOf(name, format), r)
  }
  return out
}
