import type { z } from 'zod'
import { didYouMean, oneOf, shown } from '../text.ts'
import { limit } from './yaml-limits.ts'
import type { Mistake, YamlSource } from './yaml-source.ts'

/** The keys that may stand where an unknown one was found. */
type KeysAt = (path: readonly PropertyKey[]) => string[]

/** @throws InputError with what a shape check found, in people's words and with their places */
export function failShape(yaml: YamlSource, { issues }: z.ZodError, keysAt: KeysAt): never {
  const single = issues.flatMap((issue): z.core.$ZodIssue[] => (issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue]))
  return yaml.fail(single.slice(0, limit.looked).flatMap((issue) => describe(yaml, issue, keysAt)), single.length)
}

function describe(yaml: YamlSource, issue: z.core.$ZodIssue, keysAt: KeysAt): Mistake[] {
  const path = issue.path
  const offset = yaml.offset(path)
  const key = String(path.findLast((segment) => typeof segment === 'string') ?? 'the schema')
  const found = valueAt(yaml.value, path)
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(path)
      return issue.keys.map((name) => ({
        offset: yaml.offset(path, name),
        message: `expected one of the keys ${known.join(', ')}, found ${shown(name)}${didYouMean(name, known) || '; remove it.'}`,
      }))
    }
    case 'invalid_value': {
      const values = issue.values.map(String)
      return [{ offset, message: `expected ${shown(key)} to be ${oneOf(values)}, found ${shown(found)}${(typeof found === 'string' && didYouMean(found, values)) || '; choose one of them.'}` }]
    }
    case 'too_small':
      if (issue.origin === 'number') return [{ offset, message: `expected ${shown(key)} to be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}, found ${shown(found)}; raise it.` }]
      return [{ offset, message: `expected at least ${issue.minimum} of ${shown(key)}, found ${Array.isArray(found) ? found.length : shown(found)}; add one.` }]
    case 'too_big':
      if (issue.origin === 'number') return [{ offset, message: `expected ${shown(key)} to be at most ${issue.maximum}, found ${shown(found)}; lower it.` }]
      return [{ offset, message: `expected at most ${issue.maximum} in ${shown(key)}, found more; shorten it.` }]
    case 'invalid_format': {
      const rule = key === 'short' ? 'one letter or digit without a dash' : 'letters, digits, dashes, dots and underscores (no leading dash, 63 at most)'
      return [{ offset, message: `expected ${shown(key)} to be ${rule}, found ${shown(found)}; rename it.` }]
    }
    case 'invalid_key':
      return [{ offset: yaml.offset(path.slice(0, -1), String(path.at(-1))), message: `expected a context field like "git.current_branch", found ${shown(path.at(-1))}; write GROUP.FIELD in lower case.` }]
    case 'invalid_type':
    case 'invalid_union': {
      const expected = issue.code === 'invalid_type' ? typeName(issue.expected) : 'a single value (text, number, true or false)'
      if (found === undefined) return [{ offset, message: `expected the key ${shown(key)} (${expected}), found none; add it.` }]
      return [{ offset, message: `expected ${shown(key)} to be ${expected}, found ${shown(found)}; change it.` }]
    }
    default:
      return [{ offset, message: `expected a right ${shown(key)}, found ${shown(found)} (${issue.message}); change it.` }]
  }
}

const typeName = (type: string) =>
  ({ string: 'text', boolean: 'true or false', array: 'a list', object: 'a map', record: 'a map', number: 'a number' })[type] ?? type

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((inner: any, segment) => (inner !== null && typeof inner === 'object' ? inner[segment] : undefined), value)
}
