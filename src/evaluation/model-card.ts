import type { Section } from './evaluate.ts'
import { percent, range, size } from './format.ts'
import { baseOf, type Report } from './report.ts'
import type { SliceScore } from './slices.ts'

/** MODEL.md: what the model is, what it was made from, what it can do, what it cannot. */
export function modelCard(report: Report): string {
  const { name, base, quant, scores, model, gates, failed, dataset, companion } = report
  const row = (label: string, section: Report['scores']['test'] | undefined) => section && `| ${label} | ${section.n} | ${percent(section.equivalent)} (${range(section.interval)}) | ${percent(section.valid)} | ${percent(section.allowed)} | ${section.baseline === null ? '–' : percent(section.baseline)} |`
  const headline = scores.golden ?? scores.test
  const { key, weakest } = weakestOf(headline)
  return `# ${name}

A small local model for **${report.title}**: it turns what a person says into validated structured output. Made by Clitron on ${report.created.slice(0, 10)}.

| | |
| --- | --- |
| file | \`${model.file}\`, ${size(model.bytes)} (${quant}; F16 ${size(model.f16_bytes)}) |
| parameters | ${model.parameters.toLocaleString('en')} |
| base | ${base === 'scratch' ? 'trained from scratch (LFM2 layers, own tokenizer)' : baseOf(report)} |
| trained with | ${report.chosen === 'dpo' ? 'supervised fine-tuning, then preference tuning (DPO)' : 'supervised fine-tuning'}: ${report.choice} |
${companion ? `| beside it | ${companion.title}${companion.weight > 0 ? `, \`${companion.file}\`, ${size(companion.bytes)}` : ''}: ${companion.choice} |\n` : ''}| examples | ${dataset.splits.train} for training, of ${dataset.rows}, written by: ${Object.keys(dataset.sources).join(', ')} |
| latency | ${headline.latency_ms.p50.toFixed(1)} ms median, ${headline.latency_ms.p95.toFixed(1)} ms p95, on the machine that evaluated it |

## Scores

Of the quantized file itself, as it is served. *Equivalent*: the same meaning as the right answer. *Valid* and *allowed* are measured without the grammar. *Lookup*: what answering with the nearest training example's answer would score.

| rows | n | equivalent (95% interval) | valid | allowed | lookup |
| --- | --- | --- | --- | --- | --- |
${[row('golden set', scores.golden), row('golden set, final half', scores.golden_final), row('test split', scores.test)].filter(Boolean).join('\n')}

- Confidence: expected calibration error ${headline.ece.toFixed(3)}, AUROC ${headline.auroc === null ? 'not defined' : headline.auroc.toFixed(3)}.
- Executed without asking at confidence ≥ ${report.thresholds.execute}: ${headline.thresholds.execute.right} right, ${headline.thresholds.execute.wrong} wrong of ${headline.n}.
- Other wordings of the same requests cost ${report.robustness.points_lost.toFixed(1)} points; ${percent(report.robustness.swaps.followed)} of exchanged values were followed.
${Object.entries(report.robustness.figures ?? {}).filter(([, { n }]) => n > 0).map(([name, { n, kept }]) => `- ${name[0]!.toUpperCase()}${name.slice(1)}: ${percent(kept / n)} of ${n} right answers stay right.\n`).join('')}${gates.quantization ? `- Quantization: ${gates.quantization.points >= 0 ? '+' : ''}${gates.quantization.points.toFixed(1)} points against F16 on ${gates.quantization.rows} rows, mean KL divergence ${gates.quantization.meanKl.toPrecision(2)} nats.\n` : ''}${figuresTable(report)}
## Architecture and training

${architectureText(report)}${settingsTable(report)}
## Limits

- It knows ${report.title} as its schema declares it, and nothing else. Requests beyond it should be asked back; ${headline.clarification?.recall == null ? 'how often that happens was not measured' : `${percent(headline.clarification.recall)} of such requests are`}.
- It was taught in English.
${Object.values(failed).length ? `- Gates it does not pass: ${Object.values(failed).join('; ')}.\n` : ''}${weakest.length ? `- Weakest by ${words(key)}: ${weakest.map(([slice, { equivalent, n }]) => `${slice} (${percent(equivalent)} of ${n})`).join(', ')}.\n` : ''}- Its answers are suggestions: look at a command before it runs, unless its confidence and your own measure say otherwise.

## Use

\`\`\`
npx clitron ask ${name} "…"
ollama create ${name} -f Modelfile
\`\`\`

The pictures behind these figures are in \`report.html\`, the figures in \`report.json\`. Made by \`${report.command}\`.
`
}

const words = (name: string) => name.replaceAll('_', ' ')

/** The slice that tells the rows best apart, with its weakest values, as far as three rows or more speak of each. */
function weakestOf({ slices }: Section): { key: string; weakest: [string, SliceScore][] } {
  const told = Object.entries(slices).map(([key, values]) => ({ key, values: Object.entries(values).filter(([, { n }]) => n >= 3) }))
  const most = Math.max(0, ...told.map(({ values }) => values.length))
  const { key = '', values = [] } = told.find((each) => each.values.length === most) ?? {}
  return { key, weakest: values.filter(([, { equivalent }]) => equivalent < 1).slice(0, 5) }
}

/** What only this kind of task measures. */
function figuresTable({ kind, scores: { golden, test } }: Report): string {
  const sets = ([['golden set', golden], ['test split', test]] as const).filter(([, section]) => section?.metrics)
  if (sets.length === 0) return ''
  const names = new Set(sets.flatMap(([, section]) => Object.keys(section!.metrics!)))
  const cell = (section: Section, name: string) => {
    const figure = section.metrics![name]
    return figure ? `${percent(figure.served)} of ${figure.n ?? section.n}` : '–'
  }
  return `\nFigures of kind \`${kind}\`, as served:\n\n| figure | ${sets.map(([label]) => label).join(' | ')} |\n| --- |${' --- |'.repeat(sets.length)}\n${[...names].map((name) => `| ${words(name)} | ${sets.map(([, section]) => cell(section!, name)).join(' | ')} |`).join('\n')}\n`
}

function architectureText({ model: { architecture, parameters } }: Report): string {
  if (!architecture) return `${parameters.toLocaleString('en')} parameters; the rest was not recorded.\n`
  const { type, layers, width, feed_forward, attention_heads, context, vocabulary } = architecture
  const parts = [layers && `${layers} layers`, width && `${width} wide`, feed_forward && `feed-forward ${feed_forward} wide`, attention_heads && `${attention_heads} attention heads`, vocabulary && `${vocabulary.toLocaleString('en')} tokens`, context && `made for ${context.toLocaleString('en')} tokens at a time`]
  return `\`${type}\`: ${parts.filter(Boolean).join(', ')}.\n`
}

/** By stage, what its trainer was told, and below it what it reached. */
function settingsTable({ settings = {}, training }: Report): string {
  const rows = Object.entries(settings).flatMap(([stage, { training: told }]) => (told !== null && typeof told === 'object' ? [`| ${stage} | ${plainly(told as Record<string, unknown>)} |`] : []))
  const reached = Object.entries(training).flatMap(([stage, of]) => {
    const figures = Object.fromEntries(Object.entries((of ?? {}) as Record<string, unknown>).filter(([, value]) => typeof value === 'number').map(([key, value]) => [key, Number((value as number).toPrecision(4))]))
    return Object.keys(figures).length ? [`- ${stage}: ${plainly(figures)}`] : []
  })
  return `${rows.length ? `\n| stage | settings |\n| --- | --- |\n${rows.join('\n')}\n` : ''}${reached.length ? `\nWhat came of it, as the trainers say:\n\n${reached.join('\n')}\n` : ''}`
}

/** Numbers, choices and names; folders and lists are no settings that people compare. */
const plainly = (values: Record<string, unknown>): string => Object.entries(values)
  .filter(([, value]) => ['number', 'boolean'].includes(typeof value) || (typeof value === 'string' && !/[/|\n]/.test(value))).map(([key, value]) => `${words(key)} ${String(value)}`).join(', ')
