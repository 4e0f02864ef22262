// The boxes that are taken, by the cells of a grid.

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const CELL = 60;

export class Boxes {
  private readonly cells = new Map<string, Box[]>();

  /** Take a box, unless it overlaps one that is taken. */
  claim(box: Box): boolean {
    const free = cells(box).every((cell) =>
      (this.cells.get(cell) ?? []).every(
        (other) => other.right < box.left || other.left > box.right || other.bottom < box.top || other.top > box.bottom,
      ),
    );
    if (free) this.take(box);
    return free;
  }

  take(box: Box): void {
    for (const cell of cells(box)) {
      const there = this.cells.get(cell);
      if (there) there.push(box);
      else this.cells.set(cell, [box]);
    }
  }
}

function cells(box: Box): string[] {
  const found: string[] = [];
  for (let across = Math.floor(box.left / CELL); across <= box.right / CELL; across++)
    for (let down = Math.floor(box.top / CELL); down <= box.bottom / CELL; down++) found.push(`${across} ${down}`);
  return found;
}
