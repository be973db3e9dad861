import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostFacts, Plan } from '../plan.ts'
import { llamaPaths, llamaTag } from '../setup/llama-cpp.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { stage } from './stage.ts'

/** GGUF F16 and the quantized file, with what the parity gate needs. No limit but progress: an export after hours of training must not time out. */
export async function quantize(plan: Plan, _host: HostFacts, model: Ref, dataset: Ref): Promise<{ gguf: Ref; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
  const inputs = { model: model.sha256, quant: plan.quant, name: plan.name, code: codeVersion('trainers', 'activities/quantize'), llama: llamaTag() }
  const output = await stage('quantize', plan.name, inputs, async ({ store, work, child }) => {
    await store.fetchTree(model, join(work, 'model'))
    await store.fetchTree(dataset, join(work, 'data'), (path) => path === 'sft.validation.jsonl')
    const { convert, library } = await llamaPaths()
    const result = await child({
      program: 'python', script: 'quantize',
      spec: { stage: 'quantize', name: plan.name, model: join(work, 'model'), quant: plan.quant, rows: join(work, 'data', 'sft.validation.jsonl'), output: join(work, 'gguf'), llama_cpp: { convert, library } },
    })
    // What belongs to the file: how to ask it, and how it was trained.
    for (const file of ['prompt_template.json', 'metrics.jsonl']) await copyFile(join(work, 'model', file), join(work, 'gguf', file))
    const gguf = await store.putTree(join(work, 'gguf'), 'gguf')
    return { trees: { gguf }, facts: Object.fromEntries(Object.entries(result).filter(([, value]) => typeof value === 'number')) }
  })
  return { ...output, gguf: output.trees!.gguf!, facts: output.facts ?? {} }
}
