// node bin/just-args.js train name=gh num=5000  →  clitron train gh --num=5000
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `name=` becomes the argument, `key=true` a switch, `key=false` nothing, any other `key=value` an option. */
export function toArguments([command, ...rest]) {
  const names = []
  const options = []
  for (const word of rest) {
    const [, key, value] = word.match(/^([A-Za-z][\w-]*)=(.*)$/s) ?? []
    if (key === 'name') names.push(value)
    else if (key === undefined) (word.startsWith('-') ? options : names).push(word)
    else if (value === 'true') options.push(`--${key}`)
    else if (value !== 'false') options.push(`--${key}=${value}`)
  }
  return [command, ...names, ...options]
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.argv.splice(2, Infinity, ...toArguments(process.argv.slice(2)))
  // bin/clitron.js hands its own file name over to a newer Node, so nothing of this stays in between.
  await import('./clitron.js')
}
