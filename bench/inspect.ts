/**
 * node bench/inspect.ts [batches=3380] [megabytes of the analyses=13]
 * Makes batch files with known truth and a file of analyses of that size in a temporary folder, and inspects them; prints one JSON document
 * with seconds and peak memory of the inspection alone (a process of its own).
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { packageRoot } from '../src/paths.ts'
import { analysis } from '../src/tasks/analysis/index.ts'
import { inspectFolder } from '../src/tasks/analysis/inspect/index.ts'

const schema = analysis.parse({ name: 'email-batches', file: 'email-batches.yaml', text: readFileSync(join(packageRoot, 'schemas', 'email-batches.yaml'), 'utf8') })
const [first = '3380', second = '13'] = process.argv.slice(2)

if (first === '--here') {
  const started = performance.now()
  const { title, unreadable } = await inspectFolder(schema, { folder: second })
  console.log(JSON.stringify({ title, unreadable: unreadable.length, seconds: Math.round(performance.now() - started) / 1000, peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024) }))
} else {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-bench-inspect-'))
  try {
    for (const { file, content } of analysis.makeFolder!(schema, { count: Number(first), seed: 1 })) writeFileSync(join(folder, file), content)
    const file = join(folder, 'analysis.json')
    const entries = JSON.parse(readFileSync(file, 'utf8')) as { analysis: { reasoning: string[] } }[]
    // People's analyses say everything several times; so do these, up to the size.
    const more = Math.max(0, Math.round((Number(second) * 1e6 - statSync(file).size) / entries.length))
    for (const { analysis: { reasoning } } of entries) {
      const said = reasoning.join(' ')
      reasoning.push(said.repeat(Math.ceil(more / said.length)).slice(0, more))
    }
    writeFileSync(file, JSON.stringify(entries, null, 1))
    const { stdout } = await execa(process.execPath, [import.meta.filename, '--here', folder])
    console.log(JSON.stringify({ batches: Number(first), analysis_mb: Math.round(statSync(file).size / 1e5) / 10, ...JSON.parse(stdout) as object }, null, 2))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
