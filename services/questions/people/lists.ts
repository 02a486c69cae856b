/** Items of each list in a profile: the newest. The timeline pages through all there is. */
export const listed = 50;
