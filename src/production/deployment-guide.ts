import { percent, range, size } from '../evaluation/format.ts'
import { longestAnswer } from '../inference/predictor.ts'
import type { Bundle } from '../inference/bundle.ts'
import { stopsOf } from '../inference/modelfile.ts'
import { packageVersion } from '../package-version.ts'
import { quote } from '../text.ts'
import { weightsFolder } from './contents.ts'
import { packageFile, type PackageManifest } from './manifest.ts'
import type { Load, Measured } from './performance.ts'
import { smokeRowsFile } from './smoke-rows.ts'

interface Guided {
  about: Omit<PackageManifest, 'files'>
  /** The package's own name. */
  folder: string
  /** What was copied from the store. */
  paths: string[]
  bundle: Bundle
  measured: Measured
}

/** deployment_guide.md: what the folder holds, what it needs, how it is started and checked, and what it came to when it was packed. */
export function deploymentGuide({ about, folder, paths, bundle, measured: { performance, prompt, examples } }: Guided): string {
  const { name, version, evaluation } = about
  const { model, memory, smoke_test: smoke, host } = performance
  const server = { prompt, temperature: 0, n_predict: longestAnswer, stop: stopsOf(bundle.template) }
  return `# Deploying \`${name}\`, version ${version}

Packed on ${about.created.slice(0, 10)} by \`npx clitron package ${name} ${quote(folder)} --model-version ${version}\`. It answers ${percent(evaluation.equivalent)} of ${evaluation.n} questions of its test split rightly (95% interval ${range(evaluation.interval)}); all scores: ${paths.includes('MODEL.md') ? '`MODEL.md`' : '`npx clitron report ' + name + '`'}.

| | |
| --- | --- |
| \`${weightsFolder}/\` | the bundle: ${Object.values(bundle.manifest.files).map(({ file }) => `\`${file}\``).join(', ')}, and \`clitron.json\` with the hash of each |
| \`tokenizer/\` | the tokenizer that it was trained with; the GGUF has the same inside |
| \`api_documentation.md\` | request, answer, JSON Schema, real examples |
| \`monitoring_setup.json\` | what to watch, and from where on something has changed |
| \`performance.json\` | load test, latency, memory, smoke test: all figures below and more |
| \`rollback_procedure.md\` | back to an earlier version |
| \`${smokeRowsFile}\` | the questions of the smoke test |
| \`${packageFile}\` | which version this is, and the hash of every file |

## What it needs

| | |
| --- | --- |
| disk | ${size(model.bytes)} for the model |
| memory | ${size(memory.peak)} at most, resident (${size(memory.loaded)} loaded, ${size(memory.before_loading)} before) |
| processor | ${model.threads === 1 ? 'one core' : `${model.threads} cores`} a process; no GPU is needed |
| network | none |

## Starting it

**In a Node program** (Node 22 or newer), with the confidence and everything else that was evaluated. Install Clitron ${packageVersion()} (\`npm install\` of what \`npm pack\` makes in its clone), then:

\`\`\`js
import { load } from 'clitron'

const model = await load('./${folder}/${weightsFolder}')
const { output, confidence, action } = await model.ask(${JSON.stringify(examples[0]!.instruction.slice(0, 200))}, { context })
\`\`\`

Load it once and keep it: loading takes ${ms(performance.load_ms)}, the first answer ${ms(performance.first_answer_ms)}. A process answers one question at a time; more cores are used by more processes.

**By llama.cpp's server**, any release that knows this architecture. The grammar holds; there is no calibrated confidence, no second look at unsure answers and no rendering of the context, so the scores above are not its scores:

\`\`\`sh
cd ${quote(folder)}/${weightsFolder}
llama-server --model ${bundle.manifest.files.model.file} --grammar-file ${bundle.manifest.files.grammar.file} --ctx-size ${model.context_tokens} --threads ${model.threads} --host 127.0.0.1 --port 8080
\`\`\`

The prompt is \`prefix\`, the question with its context, and \`suffix\` of \`${bundle.manifest.files.prompt_template.file}\`. The first example of \`api_documentation.md\`:

\`\`\`sh
curl http://127.0.0.1:8080/completion -d ${quote(JSON.stringify(server))}
\`\`\`

**By Ollama**, decoding freely: a Modelfile carries neither grammar nor calibration.

\`\`\`sh
cd ${quote(folder)}/${weightsFolder}
ollama create ${name} -f ${bundle.manifest.files.modelfile.file}
ollama run ${name} ${quote(examples[0]!.instruction.slice(0, 200))}
\`\`\`

## Checking it where it serves

Copy the folder as it is, then ask it there. Every file is held against its hash, and every question of the smoke test against what the evaluation recorded:

\`\`\`sh
npx clitron package ${name} ${quote(folder)} --check
\`\`\`

It ends with 0 when the model answers as it was evaluated, with 3 when it does not, and prints what it measured on that host.

## What was measured

On ${host.processor}, ${host.cores} cores, ${size(host.memory_bytes)} of memory, ${host.system}, Node ${host.node}; other work on the host counts.

- **Smoke test**: ${smoke.recorded > 0 ? `${smoke.alike} of ${smoke.recorded} questions are answered as in the evaluation` : 'the evaluation recorded no single answers'}; of ${smoke.test.n} rows of the test split ${smoke.test.right} rightly; ${smoke.unanswered} without an answer.
- **Memory**: ${size(memory.before_loading)} before loading, ${size(memory.loaded)} loaded, ${size(memory.first_answer)} after the first answer, ${size(memory.after_load_test)} after the load test, ${size(memory.peak)} at most.

| at a time | answers | a second | p50 | p95 | p99 | longest | memory after |
| --- | --- | --- | --- | --- | --- | --- | --- |
${performance.load_test.map(loadRow).join('\n')}

Bad questions (empty, far too long, control characters …) and what comes of them: \`api_documentation.md\`.

## Watching it

\`monitoring_setup.json\` has each figure with its bounds and what to do beyond them. Take down of each answer \`confidence\`, \`action\` and \`latency_ms\`, and of the process \`process.memoryUsage.rss()\`; keep questions only where people agreed to it.
`
}

const ms = (value: number) => `${value.toFixed(0)} ms`

const loadRow = ({ at_once, answers, answers_per_second, latency_ms: { p50, p95, p99, longest }, memory_bytes }: Load) =>
  `| ${at_once} | ${answers} | ${answers_per_second.toFixed(1)} | ${[p50, p95, p99, longest].map((value) => `${value.toFixed(1)} ms`).join(' | ')} | ${size(memory_bytes)} |`
