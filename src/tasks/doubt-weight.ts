/** In nats: what is free of such a doubt is taken although it is so much less probable. Measured on validation rows of command lines (docs/recipes.md). */
export const doubtWeight = { certain: 5, likely: 2 }

/** Share of a doubt by which an answer that was taken all the same is less sure: a question's words may be in doubt where its answer is right. Measured on a test split (docs/recipes.md). */
export const countsForConfidence = 0.25
