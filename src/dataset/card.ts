import type { TaskFamily } from '../tasks/family.ts'
import type { Row } from './row.ts'
import type { DatasetReport } from './statistics.ts'

const percent = (share: number) => `${(share * 100).toFixed(1)}%`
/** Text that cannot break a table or open markup. */
const cell = (text: string) => text.replace(/\s+/g, ' ').replace(/[\\`|<>*_[\]]/g, '\\$&')
const code = (text: string) => `\`\`${text.replace(/\s+/g, ' ').replaceAll('`', "'")}\`\``

function table(head: string[], rows: (string | number)[][]): string {
  return [`| ${head.join(' | ')} |`, `|${head.map((_, at) => (at === 0 ? ' --- ' : ' ---: ')).join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n')
}

/** ": near duplicate 8, contradiction 1"; nothing of nothing. */
const listed = (counts: Record<string, number>) => (Object.keys(counts).length > 0 ? `: ${Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ')}` : '')

/** DATASET.md: what is in the data, how it was made, what it cannot be used for. */
export function datasetCard({ report, family, guidelines, rows, title, command }: { report: DatasetReport; family: TaskFamily; guidelines?: { annotation: string[]; augmentation: string[] } | undefined; rows: readonly Row[]; title: string; command: string }): string {
  const { splits, removed, leakage, diversity, augmented } = report
  const sameWording = Object.values(leakage.same_wording).reduce((a, b) => a + b, 0)
  const sections = [
    `# Examples for \`${report.name}\`: ${cell(title)}`,
    `${report.rows} examples of requests in people's words with the answer a model should give: ${splits.train} to train on, ${splits.validation} to validate, ${splits.calibration} to calibrate confidence, ${splits.test} to test.`,
    '```bash\n' + `${command}   # makes these files again\n` + '```',
    '## How it was made',
    [
      `1. ${report.read} rows were written (${Object.entries(report.sources).map(([source, count]) => `kept from ${source}: ${count}`).join(', ')}); seed ${report.seed}.`,
      `2. Each was checked against the schema; ${report.rejected.rows} (${percent(report.rejected.rate)}) were rejected and stand in \`rejected.jsonl\` with the reason.`,
      `3. ${removed.exact_duplicates} exact and ${removed.near_duplicates} near duplicates and ${removed.contradictions} rows with contradicting answers were removed.`,
      `4. The rest was split by intent, so that no paraphrase of a test request is trained on (${report.intents} intents in ${report.split_groups} groups). ${removed.near_held_out} training rows that read like a held-out one (character-5-gram Jaccard ≥ ${leakage.threshold}) and ${removed.near_golden} rows that read like a hand-written one were dropped.`,
      `5. The leakage check ${leakage.passed ? 'passed' : 'FAILED'}: ${leakage.exact_duplicates} texts in two splits, ${Object.values(leakage.near_duplicates).reduce((a, b) => a + b, 0)} near ones, ${leakage.two_answers} questions with two answers, ${leakage.shared_intents} shared intents. ${sameWording} held-out questions have the wording of a training question, with other values.`,
      ...(augmented ? [`6. ${augmented.rows} variants of ${augmented.origins} imported training rows joined the training split, at most ${augmented.variants} of each (${augmented.ways.join(', ')}); none stands in another split. ${augmented.rejected.rows} more were made and not taken${listed(augmented.rejected.by_reason)}.`] : []),
    ].join('\n'),
    '## What is in it',
  ]
  if (report.distribution) {
    sections.push(table(['kind', 'rows', 'share', 'wanted'], Object.entries(report.distribution).map(([key, { rows: count, share, target }]) => [key.replaceAll('_', ' '), count, percent(share), percent(target)])))
  }
  const splitsOf = ['train', 'validation', 'calibration', 'test'] as const
  for (const [key, counts] of Object.entries(report.slices)) {
    sections.push(table([key, 'rows', ...splitsOf], Object.entries(counts).sort(([, a], [, b]) => b - a).map(([value, count]) => [cell(value), count, ...splitsOf.map((split) => report.slices_by_split[split]?.[key]?.[value] ?? 0)])))
  }
  sections.push(
    `Variety: ${percent(diversity.unique)} of the requests are different (${percent(diversity.unique_before)} before duplicates were removed), distinct-1 ${diversity.distinct_1}, distinct-2 ${diversity.distinct_2}, ${diversity.words.toFixed(1)} words each; two random requests have a similarity of ${diversity.mean_similarity}.`,
  )
  const { counts, uncovered } = report.coverage
  if (Object.keys(counts).length > 0) {
    sections.push(`Coverage: ${Object.keys(counts).length - uncovered.length} of ${Object.keys(counts).length} parts of the schema are exercised.${uncovered.length > 0 ? ` Without an example: ${uncovered.slice(0, 20).map(code).join(', ')}${uncovered.length > 20 ? `, and ${uncovered.length - 20} more` : ''}.` : ''}`)
  }
  if (report.quality) sections.push(`Quality checks, over all rows as they were written: ${report.quality.map(({ name, method, value, least }) => `${cell(name)} (${cell(method)}) ${value}, at least ${least} is needed`).join('; ')}.`)
  for (const [heading, rules] of [['## How rows are annotated', guidelines?.annotation ?? []], ['## How rows are varied', guidelines?.augmentation ?? []]] as const) {
    if (rules.length > 0) sections.push(heading, rules.map((rule) => `- ${rule.replace(/\s+/g, ' ').replace(/[|<>]/g, '\\$&')}`).join('\n'))
  }
  sections.push('## Examples')
  const sliceKey = family.slices.includes('case') ? 'case' : family.slices[0]
  const shown = new Map<string, Row>()
  for (const row of rows) {
    const value = (sliceKey && row.slice?.[sliceKey]) ?? 'all'
    if (shown.size < 24 && !shown.has(value)) shown.set(value, row)
  }
  sections.push([...shown].map(([value, row]) => `- **${cell(value)}**: ${code(row.instruction.slice(0, 300))}${row.context ? ` with ${code(JSON.stringify(row.context).slice(0, 300))}` : ''} → ${code(row.output.slice(0, 500))}`).join('\n'))
  sections.push(
    '## Limits',
    [
      ...report.warnings.map((warning) => `- ${cell(warning)}`),
      '- What a teacher writes is narrower than what people say: trust the hand-written golden set over the test split.',
      '- Names, numbers, paths and links in it are invented.',
      '- The answers are what the schema calls right, not what a shell would do.',
    ].join('\n'),
  )
  return `${sections.join('\n\n')}\n`
}
