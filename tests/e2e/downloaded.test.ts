import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { ensureLlamaSources } from '../../src/setup/llama-cpp.ts'
import { ensurePython } from '../../src/setup/python.ts'
import { root, Workspace } from './workspace.ts'

// The real Llama 3 tokenizer and architecture, but narrow and of random weights. One pass over 200 examples must teach
// it the answers' form, or constrained decoding fights the model at every token: hence small batches and a high rate.
const training = {
  num_train_epochs: 1, per_device_train_batch_size: 2, gradient_accumulation_steps: 1, learning_rate: 1e-2,
  lora_target_modules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
}

const workspace = new Workspace()
let trained: { exitCode: number | undefined; document: any; stderr: string }
beforeAll(async () => {
  const { sources } = await ensureLlamaSources()
  await execa(await ensurePython(), [join(root, 'tests/trainers/rebuild_tokenizer.py'), sources, 'llama', workspace.path('tiny-llama'), '64', '20'])
  const config = parse(readFileSync(join(root, 'training/configs/sft_config.yaml'), 'utf8'))
  Object.assign(config.training, training)
  mkdirSync(workspace.path('training/configs'), { recursive: true })
  writeFileSync(workspace.path('training/configs/sft_config.yaml'), stringify(config))
  trained = await workspace.json(['train', 'notes', '--base', './tiny-llama', '--num', '200', '--pairs', '20'])
})
afterAll(() => workspace.remove())

test('a downloaded base goes the whole way: adapter, merge, preferences, conversion, every gate', () => {
  expect(trained.exitCode, trained.stderr.slice(-4000)).toBe(0)
  expect(trained.document).toMatchObject({ name: 'notes', promoted: true })
  const report = JSON.parse(readFileSync(workspace.path('training/models/notes/report.json'), 'utf8'))
  expect(report.base).toBe('./tiny-llama')
  expect(report.gates.parity).toMatchObject({ passed: true, tokenMismatches: 0 })
  expect(report.gates.quantization.passed).toBe(true)
  expect(report.training.sft.trainable_parameters).toBeLessThan(report.model.parameters / 10)
})

test('the SFT model is kept as an adapter, the DPO model whole', () => {
  const has = (file: string) => () => readFileSync(workspace.path('training/models/notes', file))
  expect(has('sft/adapter_model.safetensors')).not.toThrow()
  expect(has('dpo/model.safetensors')).not.toThrow()
  expect(has('dpo/adapter_model.safetensors')).toThrow()
})

test('it answers, in the form that the schema allows', async () => {
  const { exitCode, document, stderr } = await workspace.json(['ask', 'notes', 'delete note 12', '--no-context'])
  expect(exitCode, stderr).toBe(0)
  expect(['command', 'clarification']).toContain(document.output.type)
})
