package dev.holdfast.bench.contender;

import dev.holdfast.bench.contender.Tails.Tail;

/** A peer whose log can be read by another process while its own process appends. */
public interface FollowsFromOutside {
    /** Returns a reader that is positioned after the newest record of a log that another process has open. */
    Tail follow(Opening opening) throws Exception;
}
