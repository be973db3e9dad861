import { expect, test } from 'vitest'
import { openChatModel } from '../../../src/inference/chat-template.ts'
import { loadPredictor } from '../../../src/inference/predictor.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'
import { randomModel } from './random-model.ts'

test.each([
  ['lfm2', { chat: true }],
  ['llama', { chat: true, arch: 'llama' }],
  ['llama with SentencePiece', { chat: true, arch: 'llama', spm: true }],
] as const)('%s: the chat template of the file becomes what stands before and behind a question', async (_, options) => {
  const gguf = randomModel(options)
  const chat = await openChatModel(gguf)
  const template = chat.template('Be <brief>.')
  expect(template).toEqual({ prefix: '<s>[system] Be <brief>.<sep>[user] ', suffix: '<sep>[assistant] ', add_bos: false, stop: [], eos: '</s>' })
  expect(chat.contextSize).toBe(2_048)
  const tokens = chat.count('<s>ask<sep>')
  await chat.close()
  // Special tokens are counted as the one token that they are.
  expect(tokens).toBeLessThan('<s>ask<sep>'.length)

  const predictor = await loadPredictor({ gguf, template, family: { ...fakeFamily, grammar: () => 'root ::= "{\\"do\\":\\"open\\"}"' }, schema: fakeSchema })
  try {
    expect(await predictor.predict('open it', null)).toMatchObject({ completion: '{"do":"open"}', endedByEos: true })
  } finally {
    await predictor.close()
  }
})

test('a model without a chat template is told as such', () => expect(openChatModel(randomModel())).rejects.toThrow(/found no chat template in it \(tokenizer\.chat_template\)/))
