import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lessonFile } from '../dataset/training-rows.ts'
import { modelName, type HostFacts, type Plan } from '../plan.ts'
import { llamaPaths, llamaTag } from '../setup/llama-cpp.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { stage } from './stage.ts'

/** GGUF F16 and the quantized file, with what the parity gate needs. No limit but progress: an export after hours of training must not time out. */
export async function quantize(plan: Plan, _host: HostFacts, model: Ref, dataset: Ref): Promise<{ gguf: Ref; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
  const inputs = { model: model.sha256, quant: plan.quant, name: modelName(plan), code: codeVersion('trainers', 'activities/quantize'), llama: llamaTag() }
  const output = await stage('quantize', plan.name, inputs, async ({ store, work, child }) => {
    await store.fetchTree(model, join(work, 'model'))
    const rows = lessonFile('sft.validation.jsonl', plan.model)
    await store.fetchTree(dataset, join(work, 'data'), (path) => path === rows)
    const { convert, library } = await llamaPaths()
    const result = await child({
      program: 'python', script: 'quantize',
      spec: { stage: 'quantize', name: modelName(plan), model: join(work, 'model'), quant: plan.quant, rows: join(work, 'data', rows), output: join(work, 'gguf'), llama_cpp: { convert, library } },
    })
    // What belongs to the file: how to ask it, and how it was trained.
    for (const file of ['prompt_template.json', 'metrics.jsonl']) await copyFile(join(work, 'model', file), join(work, 'gguf', file))
    const gguf = await store.putTree(join(work, 'gguf'), 'gguf')
    return { trees: { gguf }, facts: Object.fromEntries(Object.entries(result).filter(([, value]) => typeof value === 'number')) }
  })
  return { ...output, gguf: output.trees!.gguf!, facts: output.facts ?? {} }
}
