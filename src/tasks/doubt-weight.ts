/** In nats: what is free of such a doubt is taken although it is so much less probable. Measured on validation rows of command lines (docs/recipes.md). */
export const doubtWeight = { certain: 5, likely: 2 }
