/**
 * Languages other than English. A Markdown cell has its text in `metadata.convnets.LANGUAGE`, a code cell the words for
 * phrases of its comments, strings and templates.
 */
export type Language = "ko";
