/** The Worker's name in the tests: workerd names the folders of its objects by it. */
export const workerName = 'stampede';
