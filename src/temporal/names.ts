import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'

/** Workflows and light activities. */
export const pipelineQueue = 'clitron'
/** Trainers and everything that loads a model; one slot a worker. */
export const gpuQueue = 'clitron-gpu'

export const trainingAttribute = defineSearchAttributeKey('ClitronTraining', SearchAttributeType.KEYWORD)
export const stageAttribute = defineSearchAttributeKey('ClitronStage', SearchAttributeType.KEYWORD)
export const scoreAttribute = defineSearchAttributeKey('ClitronScore', SearchAttributeType.DOUBLE)

/** As the server is told: name → type. */
export const searchAttributes = { ClitronTraining: 'Keyword', ClitronStage: 'Keyword', ClitronScore: 'Double' } as const

export const workflowId = (type: string, name: string) => `${type}-${name}`
