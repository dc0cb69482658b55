package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** JUnit extension that runs the body of each test on its own virtual thread. */
final class OnVirtualThreads implements InvocationInterceptor {
    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        assumeTrue(Running.virtualThreads().isPresent(), "this JDK has no virtual threads");
        CompletableFuture<Void> end = new CompletableFuture<>();
        Runnable test = () -> {
            try {
                end.complete(invocation.proceed());
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
        };
        Running.virtualThreads().orElseThrow().invoke(null, test);
        try {
            end.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }
}
