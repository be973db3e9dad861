import { expect, test } from 'vitest'
import { modelfile } from '../../../src/inference/modelfile.ts'

test('the Modelfile asks as the predictor does: same prefix and suffix, greedy, same stops', () => {
  const text = modelfile('clitron-gh-q4_k_m.gguf', { prefix: '<|im_start|>system\nYou turn "words" into {{commands}}.<|im_end|>\n<|im_start|>user\n', suffix: '<|im_end|>\n<|im_start|>assistant\n', add_bos: false, stop: ['<|im_end|>', '<|endoftext|>'], eos: '<|im_end|>' })
  expect(text).toContain('FROM ./clitron-gh-q4_k_m.gguf\n')
  expect(text).toContain('TEMPLATE """<|im_start|>system\nYou turn "words" into {{ "{{" }}commands{{ "}}" }}.<|im_end|>\n<|im_start|>user\n{{ .Prompt }}<|im_end|>\n<|im_start|>assistant\n"""')
  expect(text).toContain('PARAMETER temperature 0\n')
  expect(text.match(/PARAMETER stop .*/g)).toEqual(['PARAMETER stop "<|im_end|>"', 'PARAMETER stop "<|endoftext|>"'])
})
