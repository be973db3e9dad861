import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../src/paths.ts'
import { gather } from '../../../../src/tasks/assistant/gather.ts'
import { parse } from '../../../../src/tasks/assistant/parse.ts'
import type { AssistantSchema } from '../../../../src/tasks/assistant/schema.ts'

const file = 'schemas/starweave.yaml'
const written = { name: 'starweave', file, text: readFileSync(join(packageRoot, file), 'utf8') }

export const starweave: AssistantSchema = parse({ ...written, text: gather(written, join(packageRoot, 'schemas')) })

export const golden = readFileSync(join(packageRoot, 'schemas/starweave.golden.jsonl'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>)

/** A schema with two small documents in it; `more` is YAML at the end. */
export const kettleYaml = (more = '', { documents = kettleDocuments, answers = 'quotes' } = {}) => `kind: assistant
name: kettle
answers: ${answers}
sources: {folder: kettle, symptoms: [trouble.md], held_out: [secret.md]}
groups:
  use: {files: [use.md, trouble.md, lib]}
questions:
  - {asks: signature, takes: signature, only: functions, say: ["what does {topic} take"]}
  - {asks: "off", cues: [turn it off], say: ["how do i turn {topic} off", "disable {topic}"], follow: ["and how do i turn it off"]}
  - {asks: fix, cues: [^to fix], say: ["{problem}, what now"], follow: ["how do i fix it"]}
  - {asks: returns, cues: [returns], say: ["what does {topic} return"], follow: ["what does it return"]}
  - {asks: example, takes: example, say: ["example of {topic}"], follow: ["an example"]}
  - {asks: what, takes: first, say: ["what is {topic}", "{problem}, why"], follow: ["what is it"]}
  - {asks: more, takes: rest, say: ["more about {topic}"], follow: ["what else"]}
general: ["what about {words}"]
terms: {Boil lock: [the lock]}
ambiguous: {lock: {topics: [Boil lock, Lid lock], say: ["tell me about locks"]}}
refusals: {not_in_sources: ["what does the kettle cost"]}
documents:
${documents.map((document) => `  - ${JSON.stringify(document)}`).join('\n')}
${more}`

export const kettleDocuments = [
  { file: 'lib/kettle.ex', text: 'defmodule Kettle do\n  @moduledoc """\n  Boils water.\n  """\n\n  @doc """\n  Heats the water.\n\n  Returns `:ok`. It needs 3 minutes.\n\n      iex> Kettle.boil(90)\n      :ok\n  """\n  @spec boil(integer(),\n          keyword()) :: :ok\n  def boil(degrees, opts \\\\ []), do: run(degrees, opts)\n\n  def run(_, _), do: :ok\n  @doc false\n  defp hidden(x), do: x\nend\n' },
  { file: 'secret.md', text: '# Recipe\n\nThe recipe is secret.\n' },
  { file: 'trouble.md', text: '# The lid is stuck\n\nSteam holds it. To fix it, wait two minutes.\n' },
  { file: 'use.md', text: '# Boil lock\n\nThe boil lock keeps the button down, e.g. while it boils. To turn it off, press `A. B` twice.\n\n- It beeps once.\n- It glows\n  red.\n\n# Lid lock\n\nThe lid lock keeps 2.5 litres in. To turn it off, lift the lid.\n' },
]

export const kettle = parse({ name: 'kettle', file: 'schemas/kettle.yaml', text: kettleYaml() })
