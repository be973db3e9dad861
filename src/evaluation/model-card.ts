import { percent, range, size } from './format.ts'
import { baseOf, type Report } from './report.ts'

/** MODEL.md: what the model is, what it was made from, what it can do, what it cannot. */
export function modelCard(report: Report): string {
  const { name, base, quant, scores, model, gates, failed, dataset, companion } = report
  const row = (label: string, section: Report['scores']['test'] | undefined) => section && `| ${label} | ${section.n} | ${percent(section.equivalent)} (${range(section.interval)}) | ${percent(section.valid)} | ${percent(section.allowed)} | ${section.baseline === null ? '–' : percent(section.baseline)} |`
  const headline = scores.golden ?? scores.test
  const weakest = Object.entries(headline.slices.command ?? {}).filter(([, { n }]) => n >= 3).slice(0, 5)
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
${gates.quantization ? `- Quantization: ${gates.quantization.points >= 0 ? '+' : ''}${gates.quantization.points.toFixed(1)} points against F16 on ${gates.quantization.rows} rows, mean KL divergence ${gates.quantization.meanKl.toPrecision(2)} nats.\n` : ''}
## Limits

- It knows ${report.title} as its schema declares it, and nothing else. Requests beyond it should be asked back; ${headline.clarification?.recall == null ? 'how often that happens was not measured' : `${percent(headline.clarification.recall)} of such requests are`}.
- It was taught in English.
${Object.values(failed).length ? `- Gates it does not pass: ${Object.values(failed).join('; ')}.\n` : ''}${weakest.length ? `- Weakest: ${weakest.map(([slice, { equivalent, n }]) => `${slice} (${percent(equivalent)} of ${n})`).join(', ')}.\n` : ''}- Its answers are suggestions: look at a command before it runs, unless its confidence and your own measure say otherwise.

## Use

\`\`\`
npx clitron ask ${name} "…"
ollama create ${name} -f Modelfile
\`\`\`

The pictures behind these figures are in \`report.html\`, the figures in \`report.json\`. Made by \`${report.command}\`.
`
}
