import { useCallback, useState } from 'react';

/** An element's width, known before the first paint and followed from then on; 0 until it is there. */
export const useWidth = (): { ref: (element: HTMLElement | null) => (() => void) | undefined; width: number } => {
  const [width, setWidth] = useState(0);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return;
    const measure = () => setWidth(Math.round(element.getBoundingClientRect().width));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
};
