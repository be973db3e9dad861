import type { Bundle } from '../inference/bundle.ts'
import { longestQuestion } from '../inference/predictor.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { readableJson, visible } from '../text.ts'
import { percent } from '../evaluation/format.ts'
import { weightsFolder } from './contents.ts'
import type { BadQuestion, Example, Measured } from './performance.ts'

interface Documented {
  name: string
  version: number
  family: TaskFamily
  schema: unknown
  bundle: Bundle
  measured: Measured
}

/** api_documentation.md: what is asked and answered, from the schema; every answer in it is one that this model gave. */
export function apiDocumentation({ name, version, family, schema, bundle: { thresholds }, measured }: Documented): string {
  return `# Asking \`${name}\`, version ${version}

${family.describe(schema).title}. The model answers through the library of Clitron; how it is started stands in \`deployment_guide.md\`.

\`\`\`js
import { load } from 'clitron'

const model = await load('./${weightsFolder}')
const answer = await model.ask(instruction, { context })
await model.close()
\`\`\`

## Request

| argument | type | |
| --- | --- | --- |
| \`instruction\` | string | what a person says; 1 to ${longestQuestion.toLocaleString('en')} characters that are not all white space |
| \`context\` | object or null | what the program knows beside it, as in the schema (\`${weightsFolder}/${name}.yaml\`); null where there is nothing |

Several questions may be asked at a time; a process answers them one after the other.

## Answer

| key | type | |
| --- | --- | --- |
| \`output\` | object, or null | the answer by the JSON Schema below; null when the model came to no end |
| \`line\`, \`argv\` | string and list, or null | the command as one types it, and for a process without a shell; null where the answer is no command |
| \`confidence\` | number, 0 to 1 | calibrated: of answers with 0.8, about 80 in 100 are right |
| \`action\` | string | what the thresholds advise |
| \`suggestions\` | list | with \`clarify\`, what to choose from |
| \`latency_ms\` | number | from the question to the answer |

| confidence | \`action\` | |
| --- | --- | --- |
| at least ${thresholds.execute} | \`execute\` | ${family.answersAre === 'read' ? 'take it as it is' : 'execute it'} |
| at least ${thresholds.confirm} | \`confirm\` | ${family.answersAre === 'read' ? 'have a look at it' : 'show it, then execute it'} |
| at least ${thresholds.clarify} | \`clarify\` | show what it may have been, and let a person choose |
| below | \`ask\` | ask to say it differently |

What is not to be executed, such as a question back, is never more than \`clarify\`. \`output\` by this JSON Schema:

\`\`\`json
${visible(JSON.stringify(family.outputSchema(schema), null, 2), { lines: true })}
\`\`\`

## Examples

Held-out questions, and what this model answered when it was packed.

${measured.examples.map(example).join('\n\n')}

## Bad questions

Refused questions throw an \`InputError\` with the sentence shown. What happened when it was packed; after each the model answered a good question as before:

| question | | |
| --- | --- | --- |
${measured.performance.bad_questions.map(row).join('\n')}
`
}

const example = ({ instruction, context, answer, right }: Example) => `\`\`\`json
${visible(readableJson({ instruction, context }), { lines: true })}
\`\`\`

${right ? 'answered rightly' : 'answered wrongly'} with

\`\`\`json
${visible(readableJson({ ...answer, latency_ms: Number(answer.latency_ms.toPrecision(3)) }), { lines: true })}
\`\`\``

function row({ what, result, message, action, confidence, latency_ms }: BadQuestion): string {
  const said = result === 'answered' ? `\`${action}\`, confidence ${percent(confidence!)}` : visible(message!.replaceAll('|', '\\|').slice(0, 300))
  return `| ${what} | ${result}, ${latency_ms.toFixed(0)} ms | ${said} |`
}
