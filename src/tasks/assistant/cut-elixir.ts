import type { Cut, Piece } from './cut.ts'
import { piecesOf } from './cut-text.ts'

/**
 * Elixir: a section for each module with a `@moduledoc` and for each public function with a `@doc`. A function's passages are its signature
 * (the `@spec`, else its head) and the sentences and examples of its documentation. Functions without one say nothing that could be quoted.
 */
export function elixirSections(text: string): Cut[] {
  const lines = text.split('\n')
  const found: Cut[] = []
  const modules: { name: string; indent: number }[] = []
  let doc: Piece[] | undefined
  let spec: Piece | undefined
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const module = /^(\s*)defmodule\s+([\w.]+)\s+do/.exec(line)
    if (module) {
      while (modules.length && modules.at(-1)!.indent >= module[1]!.length) modules.pop()
      modules.push({ name: modules.length ? `${modules.at(-1)!.name}.${module[2]}` : module[2]!, indent: module[1]!.length })
      continue
    }
    const opening = /^\s*@(moduledoc|doc)\s+(?:~[sS])?("""|")(.*)$/.exec(line)
    if (opening) {
      const [, attribute, quote, rest] = opening
      const inner: { text: string; line: number }[] = []
      if (quote === '"') inner.push({ text: rest!.replace(/"\s*$/, ''), line: i + 1 })
      else for (i++; i < lines.length && !/^\s*"""/.test(lines[i]!); i++) inner.push({ text: lines[i]!, line: i + 1 })
      const name = modules.at(-1)?.name
      if (attribute === 'doc') doc = piecesOf(inner)
      else if (name) found.push({ heading: name, names: [`the ${name.split('.').at(-1)} module`, `the ${name} module`, `module ${name.split('.').at(-1)}`], sort: 'text', pieces: piecesOf(inner) })
      continue
    }
    if (/^\s*@spec\s/.test(line)) {
      const from = i
      let written = line.trim().replace(/^@spec\s+/, '')
      while (i + 1 < lines.length && (isOpen(written) || /^\s+(\||::|when\b)/.test(lines[i + 1]!))) written += ` ${lines[++i]!.trim()}`
      spec = { text: written.replace(/\s+/g, ' '), line: from + 1, form: 'signature' }
      continue
    }
    const head = /^\s*(defp?|defmacro|defguard)\s+([a-z_]\w*[?!]?)(\(.*?\))?(?:\s+when\b.*)?(?:\s*,\s*do:.*|\s+do\s*)?$/.exec(line)
    if (!head) continue
    const [, kind, name, given = '()'] = head
    const owner = modules.at(-1)?.name
    if (doc && owner && kind !== 'defp') {
      const arity = `${name}/${argumentsIn(given)}`
      const last = owner.split('.').at(-1)!
      const signature: Piece = spec ?? { text: `${name}${given}`, line: i + 1, form: 'signature' }
      found.push({ heading: `${owner}.${arity}`, names: [arity, `${last}.${name}`, `${last}.${arity}`, `${owner}.${name}`, `the ${name} function`, name!], sort: 'function', pieces: [signature, ...doc] })
    }
    doc = spec = undefined
  }
  return found
}

/** Does a bracket wait for its end? */
const isOpen = (written: string): boolean => (written.match(/[([{]/g) ?? []).length > (written.match(/[)\]}]/g) ?? []).length

/** Arguments by the commas that no bracket or text encloses. */
function argumentsIn(list: string): number {
  const inside = list.slice(1, -1).replace(/"[^"]*"/g, '')
  if (inside.trim() === '') return 0
  let depth = 0
  let count = 1
  for (const sign of inside) {
    if ('([{'.includes(sign)) depth++
    else if (')]}'.includes(sign)) depth--
    else if (sign === ',' && depth === 0) count++
  }
  return count
}
