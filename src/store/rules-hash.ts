/** Under this key of `state`: the rules by which the stored replies are labelled. */
export const RULES_HASH = 'rules-hash'
