// The states of a fit, as Python names them.

export const RUNNING = new Set(["preparing", "running", "stopping"]);

export const DONE = new Set(["stopped", "finished", "diverged"]);

export const STARTS = new Set(["fit", "continue", "restart"]);

/** What is told of a fit, or of what is running in its place. */
export const current = (fit) => (fit.aside ? { ...fit, ...fit.aside } : fit);
