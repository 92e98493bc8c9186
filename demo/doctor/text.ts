// The words of this page.
export const text = {} as const;
